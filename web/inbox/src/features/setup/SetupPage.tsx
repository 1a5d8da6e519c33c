/** The first steps of a new workspace, in order; each says whether it is done, from what is really there. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, Circle } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { keys, setupQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Failure, reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { MailAddress } from '~/ui/Mail';
import { RowsSkeleton } from '~/ui/Skeleton';
import type { Setup } from '~core/wire';
import s from './SetupPage.module.css';

export default function SetupPage() {
  const { t } = useT();
  const { api } = useServices();
  const query = useQuery(setupQuery(api));
  return (
    <Page title={t('setup.title')} lead={t('setup.lead')}>
      {query.isPending ? (
        <RowsSkeleton label={t('setup.loading')} />
      ) : query.isError ? (
        <Failure title={t('setup.failed')} error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Scroll label={t('setup.title')}>
          <Steps setup={query.data} />
        </Scroll>
      )}
    </Page>
  );
}

function Steps({ setup }: { setup: Setup }) {
  const { t } = useT();
  const me = useMe();
  const to = (section: string, words: string) => (
    <Link className={s.go} to="/settings/$section/{-$item}" params={{ section, item: undefined }}>
      {words}
    </Link>
  );
  const done = [setup.named, setup.people > 1, setup.email, setup.chat, setup.installed].filter(Boolean).length;
  return (
    <>
      <p className={s.count}>{t('setup.done', { done, all: 5 })}</p>
      <ol className={s.steps}>
        <Step done={setup.named} title={t('setup.name')} text={t('setup.nameText')}>
          {me.role === 'admin' && <Name setup={setup} />}
        </Step>
        <Step done={setup.people > 1} title={t('setup.people')} text={t('setup.peopleText')}>
          {to('members', t('setup.peopleGo'))}
        </Step>
        <Step done={setup.email} title={t('setup.email')} text={t('setup.emailText')}>
          {to('channels', t('setup.emailGo'))}
        </Step>
        <Step done={setup.chat} title={t('setup.chat')} text={t('setup.chatText')}>
          {to('chat', t('setup.chatGo'))}
        </Step>
        <Step done={setup.installed} title={t('setup.installed')} text={t('setup.installedText')} />
      </ol>
      <section className={s.now}>
        <h2>{t('setup.now')}</h2>
        <p>{t('setup.nowText')}</p>
        <p>
          <MailAddress>{setup.address}</MailAddress>
        </p>
      </section>
    </>
  );
}

function Step({ done, title, text, children }: { done: boolean; title: string; text: string; children?: ReactNode }) {
  const { t } = useT();
  return (
    <li data-done={done || undefined}>
      <Icon as={done ? Check : Circle} size="s" />
      <div>
        <b>{title}</b> <span className="sr">{t(done ? 'setup.isDone' : 'setup.isOpen')}</span>
        <p>{text}</p>
        {children}
      </div>
    </li>
  );
}

function Name({ setup }: { setup: Setup }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const [name, setName] = useState(setup.named ? setup.workspace.name : '');
  const [wrong, setWrong] = useState('');
  const save = async () => {
    const zone = setup.named ? setup.workspace.zone : Intl.DateTimeFormat().resolvedOptions().timeZone || setup.workspace.zone;
    try {
      await api.setWorkspace({ name: name.trim(), zone, language: setup.workspace.language === 'de' ? 'de' : 'en' }, setup.workspace.revision);
      await client.invalidateQueries({ queryKey: keys.setup });
      toasts.show(t('setup.named', { name: name.trim() }));
    } catch (err) {
      setWrong(reason(err, t));
    }
  };
  return (
    <form
      className={s.name}
      onSubmit={(e) => {
        e.preventDefault();
        void save();
      }}
    >
      <Field
        label={t('setup.workspace')}
        value={name}
        maxLength={100}
        error={wrong}
        onChange={(e) => {
          setName(e.target.value);
          setWrong('');
        }}
        after={
          <Button type="submit" disabled={!name.trim() || name.trim() === setup.workspace.name}>
            {t('action.save')}
          </Button>
        }
      />
    </form>
  );
}
