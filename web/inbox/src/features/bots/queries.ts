/** What the builder asks of the server, and under which key it is kept. */
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '~core/api';
import { botApi, type FlowRef } from './api';

export const botKeys = {
  bot: (flow: string) => ['bot', flow] as const,
  numbers: (flow: string, days: number) => ['bot', flow, 'numbers', days] as const,
  templates: (lang: string) => ['bot-templates', lang] as const,
};

/** Looked up once for as long as the page is open: what is edited is not overwritten. */
export const botQuery = (api: Api, f: FlowRef) =>
  queryOptions({ queryKey: botKeys.bot(f.id), queryFn: () => botApi(api).bot(f), staleTime: Number.POSITIVE_INFINITY, gcTime: 0 });
export const numbersQuery = (api: Api, f: FlowRef, days: number) =>
  queryOptions({ queryKey: botKeys.numbers(f.id, days), queryFn: () => botApi(api).numbers(f, days), staleTime: 60_000 });
export const templatesQuery = (api: Api, lang: string) =>
  queryOptions({ queryKey: botKeys.templates(lang), queryFn: () => botApi(api).templates(lang), staleTime: Number.POSITIVE_INFINITY });
