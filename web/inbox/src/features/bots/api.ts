/** What the builder asks of the server. It loads with the builder. */
import type { Api } from '~core/api';
import type { BotFile, BotGraph, BotNumbers, BotSaved, BotTemplate, BotVersion, BotView, DriveInput, Driven, Flow } from '~core/wire';

/** A chatflow by what names it. */
export type FlowRef = Pick<Flow, 'account' | 'id'>;

const path = (f: FlowRef) => `/chats/${encodeURIComponent(f.account)}/flows/${encodeURIComponent(f.id)}/bot`;

export const botApi = (api: Api) => ({
  bot: (f: FlowRef) => api.call<BotView>(path(f)),
  save: (f: FlowRef, graph: BotGraph, revision: number) => api.call<BotSaved>(`${path(f)}/draft`, { method: 'PUT', body: { graph, revision } }),
  publish: (f: FlowRef, revision: number) => api.call<{ version: number }>(`${path(f)}/publish`, { method: 'POST', body: { revision } }),
  rollBack: (f: FlowRef, number: number) => api.call<{ version: number }>(`${path(f)}/rollback`, { method: 'POST', body: { number } }),
  version: (f: FlowRef, number: number) => api.call<BotVersion>(`${path(f)}/versions/${number}`),
  /** makes an upload a file that bots of the chat give to visitors */
  keepFile: (f: FlowRef, upload: string, name: string) => api.call<BotFile>(`${path(f)}/files`, { method: 'POST', body: { upload, name } }),
  drive: (f: FlowRef, input: DriveInput) => api.call<Driven>(`${path(f)}/drive`, { method: 'POST', body: input }),
  numbers: (f: FlowRef, days: number) => api.call<BotNumbers>(`${path(f)}/numbers?days=${days}`),
  templates: async (lang: string) => (await api.call<{ templates: BotTemplate[] }>(`/bots/templates?lang=${lang}`)).templates,
});
