import { useEffect, useSyncExternalStore } from 'react';
import { useServices } from '~/app/services';
import type { DraftPlace } from '~core/api';
import type { Written } from '~core/draft';
import { type Kept, keyOf } from '~core/keeper';

/** The draft of a place, and how to change it. */
export function useDraft(place: DraftPlace): Kept & { change: (patch: Partial<Written>) => void } {
  const { keeper } = useServices();
  const kept = useSyncExternalStore(keeper.subscribe, () => keeper.get(place));
  return { ...kept, change: (patch) => keeper.change(place, patch) };
}

/** Looks once, when a place opens, for what was written elsewhere. */
export function useStoredDrafts(places: DraftPlace[], there: boolean): void {
  const { keeper } = useServices();
  const key = places.map(keyOf).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the places are what their keys say
  useEffect(() => {
    if (there || places.some((p) => keeper.get(p).tag)) void keeper.load(places).catch(() => undefined); // what stands here stands
  }, [keeper, key, there]);
}
