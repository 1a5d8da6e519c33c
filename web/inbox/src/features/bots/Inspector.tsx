/** The form of the selected step. */
import { Copy, Flag, MousePointerClick, Trash2 } from 'lucide-react';
import { useT } from '~/app/locale';
import { Button } from '~/ui/Button';
import { Empty } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import type { BotStep } from '~core/wire';
import s from './BotPage.module.css';
import { useBuilder } from './builder';
import { FindingText } from './Check';
import { CodeForm, WebhookForm } from './forms/advanced';
import { ArticleForm, QuestionForm, SubscribeForm } from './forms/ask';
import { BranchForm, FlowForm } from './forms/decide';
import { ListForm, SetForm, TagForm } from './forms/know';
import { Goto, Num } from './forms/parts';
import { HandoffForm, TicketForm } from './forms/people';
import { EndForm, MeetingForm, MessageForm } from './forms/say';
import { goesOn, stepOf } from './graph';
import { hueOf, kindName } from './kinds';
import { KindMark } from './Palette';

export function Inspector() {
  const { t } = useT();
  const b = useBuilder();
  const step = stepOf(b.graph, b.selected);
  if (!step) return <Empty icon={MousePointerClick} title={t('bots.noneSelected')} text={t('bots.noneSelectedText')} />;
  const found = b.found.get(step.id) ?? [];
  return (
    <div className={s.pane}>
      <p className={s.kind}>
        <KindMark kind={step.kind} hue={hueOf(step.kind)} />
        <span>
          <b>{kindName(t, step.kind)}</b>
          <small>{t(`bots.about.${step.kind}`)}</small>
        </span>
      </p>
      {found.length > 0 && (
        <ul className={s.findings}>
          {found.map((f, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: findings have no names and come all at once
            <li key={i} className={s.finding} data-block={f.block || undefined}>
              <FindingText f={f} />
            </li>
          ))}
        </ul>
      )}
      <fieldset className={s.form} disabled={b.fixed} data-form>
        <legend className="sr">{t('bots.panel.step')}</legend>
        <Form step={step} />
        {goesOn(step.kind) && (
          <Goto
            label={step.kind === 'branch' ? t('bots.exit.else') : t('bots.then')}
            value={step.next ?? ''}
            none={t('bots.exit.nowhere')}
            set={(next) => b.editStep({ ...step, next: next || undefined })}
          />
        )}
        <details className={s.more}>
          <summary>{t('bots.more')}</summary>
          <Field
            label={t('bots.name')}
            hint={t('bots.nameHint', { id: step.id })}
            value={step.name ?? ''}
            maxLength={80}
            onChange={(e) => b.editStep({ ...step, name: e.target.value || undefined }, 'name')}
          />
          <Num
            label={t('bots.delay')}
            hint={t('bots.delayHint')}
            min={0}
            max={10_000}
            value={step.delay}
            set={(delay) => b.editStep({ ...step, delay }, 'delay')}
          />
        </details>
      </fieldset>
      {!b.fixed && (
        <div className={s.foot}>
          {b.graph.start !== step.id && (
            <Button onClick={() => b.edit({ ...b.graph, start: step.id })}>
              <Icon as={Flag} size="s" />
              {t('bots.makeFirst')}
            </Button>
          )}
          <Button onClick={() => b.copyStep(step.id)}>
            <Icon as={Copy} size="s" />
            {t('bots.duplicate')}
          </Button>
          <Button onClick={() => b.removeStep(step.id)}>
            <Icon as={Trash2} size="s" />
            {t('bots.remove')}
          </Button>
        </div>
      )}
    </div>
  );
}

function Form({ step }: { step: BotStep }) {
  const b = useBuilder();
  const of = <K extends keyof BotStep>(key: K) => ({
    value: step[key] as NonNullable<BotStep[K]>,
    set: (v: NonNullable<BotStep[K]>, join = '') => b.editStep({ ...step, [key]: v }, join),
  });
  switch (step.kind) {
    case 'message':
      return <MessageForm {...of('message')} />;
    case 'question':
      return <QuestionForm {...of('question')} />;
    case 'set':
      return <SetForm {...of('set')} />;
    case 'subscribe':
      return <SubscribeForm {...of('subscribe')} />;
    case 'branch':
      return <BranchForm {...of('branch')} />;
    case 'meeting':
      return <MeetingForm {...of('meeting')} />;
    case 'handoff':
      return <HandoffForm {...of('handoff')} />;
    case 'webhook':
      return <WebhookForm {...of('webhook')} />;
    case 'code':
      return <CodeForm {...of('code')} />;
    case 'tag':
      return <TagForm {...of('tag')} />;
    case 'list':
      return <ListForm {...of('list')} />;
    case 'ticket':
      return <TicketForm {...of('ticket')} />;
    case 'article':
      return <ArticleForm {...of('article')} />;
    case 'flow':
      return <FlowForm {...of('flow')} />;
    case 'end':
      return <EndForm {...of('end')} />;
  }
}
