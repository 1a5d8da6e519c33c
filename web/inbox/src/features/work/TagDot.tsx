import { useQuery } from '@tanstack/react-query';
import { tagsQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import s from './work.module.css';

/** A tag's colour; its name always stands beside it. */
export function TagDot({ id }: { id: string }) {
  const { api } = useServices();
  const colour = useQuery(tagsQuery(api)).data?.find((g) => g.id === id)?.colour;
  return <i className={s.dot} data-colour={colour || 'grey'} />;
}
