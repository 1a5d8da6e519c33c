/** Steps that ask and wait. */
import { useT } from '~/app/locale';
import { Field } from '~/ui/Field';
import type { BotStep, QuestionStep } from '~core/wire';
import { useBuilder } from '../builder';
import { Choices } from './choices';
import s from './forms.module.css';
import { type FormProps, Goto, Name, Num, Select, useProperties, Words } from './parts';

const kinds = ['text', 'choice', 'email', 'phone', 'number', 'date'] as const;

export function QuestionForm({ value, set }: FormProps<QuestionStep>) {
  const { t } = useT();
  const { selected } = useBuilder();
  const properties = useProperties('contact').filter((p) => p.id !== 'domain');
  const patch = (p: Partial<QuestionStep>, join?: string) => set({ ...value, ...p }, join);
  return (
    <>
      <Words label={t('bots.question')} value={value.text} max={1000} set={(text) => patch({ text }, 'text')} />
      <Select
        label={t('bots.answer')}
        value={value.ask}
        options={kinds.map((k) => ({ value: k, label: t(`bots.ask.${k}`) }))}
        set={(ask) => patch({ ask: ask as QuestionStep['ask'] })}
      />
      {value.ask === 'number' && (
        <div className={s.pair}>
          <Num label={t('bots.min')} value={value.min} set={(min) => patch({ min }, 'min')} />
          <Num label={t('bots.max')} value={value.max} set={(max) => patch({ max }, 'max')} />
        </div>
      )}
      <Choices
        title={value.ask === 'choice' ? t('bots.choices') : t('bots.suggestions')}
        add={t('bots.addChoice')}
        value={value.choices ?? []}
        none={t('bots.exit.asNext')}
        set={(choices, join) => patch({ choices: choices.length ? choices : undefined }, join)}
      />
      <Name
        label={t('bots.into')}
        hint={t('bots.intoHint', { token: `{{answer.${value.into || selected}}}` })}
        value={value.into ?? ''}
        set={(into) => patch({ into: into || undefined }, 'into')}
      />
      <Select
        label={t('bots.alsoTo')}
        value={value.property ?? ''}
        options={[{ value: '', label: t('bots.notKept') }, ...properties.map((p) => ({ value: p.id, label: p.name }))]}
        set={(property) => patch({ property: property || undefined })}
      />
      <details className={s.more} open={!!(value.retry || value.fail || value.tries)}>
        <summary>{t('bots.ifNot')}</summary>
        <Words
          label={t('bots.retry')}
          hint={t('bots.retryHint')}
          rows={2}
          value={value.retry ?? ''}
          max={1000}
          set={(retry) => patch({ retry: retry || undefined }, 'retry')}
        />
        <Num label={t('bots.tries')} hint={t('bots.triesHint')} min={0} max={10} value={value.tries} set={(tries) => patch({ tries }, 'tries')} />
        <Goto label={t('bots.exit.fail')} value={value.fail ?? ''} none={t('bots.aPerson')} set={(fail) => patch({ fail: fail || undefined })} />
      </details>
    </>
  );
}

export function SubscribeForm({ value, set }: FormProps<NonNullable<BotStep['subscribe']>>) {
  const { t } = useT();
  return (
    <>
      <Field
        label={t('bots.purpose')}
        hint={t('bots.purposeHint')}
        value={value.purpose}
        maxLength={80}
        onChange={(e) => set({ ...value, purpose: e.target.value }, 'purpose')}
      />
      <Words
        plain
        label={t('bots.consent')}
        hint={t('bots.consentHint')}
        value={value.text}
        max={1000}
        set={(text) => set({ ...value, text }, 'text')}
      />
      <div className={s.pair}>
        <Field label={t('bots.yes')} value={value.yes} maxLength={60} onChange={(e) => set({ ...value, yes: e.target.value }, 'yes')} />
        <Field label={t('bots.no')} value={value.no} maxLength={60} onChange={(e) => set({ ...value, no: e.target.value }, 'no')} />
      </div>
    </>
  );
}

/** A look-up in the team's articles. */
export function ArticleForm({ value, set }: FormProps<NonNullable<BotStep['article']>>) {
  const { t } = useT();
  const put = (p: Partial<NonNullable<BotStep['article']>>, join?: string) => set({ ...value, ...p }, join);
  return (
    <>
      <Words label={t('bots.question')} value={value.text} max={1000} set={(text) => put({ text }, 'text')} />
      <Field
        label={t('bots.didItHelp')}
        hint={t('bots.didItHelpHint')}
        value={value.ask ?? ''}
        maxLength={200}
        onChange={(e) => put({ ask: e.target.value || undefined }, 'ask')}
      />
      <div className={s.pair}>
        <Field label={t('bots.yes')} value={value.yes ?? ''} maxLength={60} onChange={(e) => put({ yes: e.target.value || undefined }, 'yes')} />
        <Field label={t('bots.no')} value={value.no ?? ''} maxLength={60} onChange={(e) => put({ no: e.target.value || undefined }, 'no')} />
      </div>
      <Goto
        label={t('bots.exit.helped')}
        value={value.helped ?? ''}
        none={t('bots.exit.nowhere')}
        set={(helped) => put({ helped: helped || undefined })}
      />
    </>
  );
}
