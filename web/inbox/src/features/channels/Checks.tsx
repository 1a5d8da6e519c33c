import { useT } from '~/app/locale';
import { Icon } from '~/ui/Icon';
import { Tag } from '~/ui/Tag';
import type { ChannelView } from '~core/wire';
import s from './Channels.module.css';
import { Copy } from './Copy';
import { marks, sentence } from './words';

/** What was looked at, in the order in which things are set up, with the records that are to be made. */
export function Checks({ channel }: { channel: ChannelView }) {
  const { t } = useT();
  if (channel.checks.length === 0) return <p>{t('channels.noChecks')}</p>;
  return (
    <ul className={s.checks}>
      {channel.checks.map((c) => {
        const mark = marks[c.state];
        return (
          <li key={c.name}>
            <div className={s.check} data-state={c.state}>
              <Icon as={mark.icon} size="s" />
              <span>{sentence(c, t)}</span>
              <Tag tone={mark.tone}>{t(mark.word)}</Tag>
            </div>
            {!!c.records?.length && (
              <div className={s.records}>
                <table>
                  <thead>
                    <tr>
                      <th scope="col">{t('channels.type')}</th>
                      <th scope="col">{t('channels.record')}</th>
                      <th scope="col">{t('channels.value')}</th>
                      <th scope="col">{t('channels.found')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {c.records.map((r) => (
                      <tr key={r.type + r.name + r.value}>
                        <td>{r.type}</td>
                        <td>
                          <Copy text={r.name} of={r.name} />
                        </td>
                        <td>
                          <Copy text={r.value} of={r.value} />
                        </td>
                        <td>{t(marks[r.state].word)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
