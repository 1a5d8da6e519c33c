/**
 * The state of the builder: one graph that canvas, list and forms edit, its draft on the server, and what the check says of it.
 * Owns: graph, selection, history, saving. Never: how it looks. Imported by: every part of the builder.
 */
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useMe, useServices } from '~/app/services';
import { botKeys } from '~/features/bots/queries';
import type { BotFinding, BotGraph, BotNumbers, BotSaved, BotStep, BotVersion, BotView, ChatView, Flow } from '~core/wire';
import { botApi } from './api';
import { add, blank, duplicate, freshId, type Kind, openPort, type Port, put, remove, stepOf, tidy } from './graph';
import { begin, commit, type History, redo, undo } from './history';
import { arranged, freed, piled } from './layout';
import { Saver, type Saving } from './saver';

export type Panel = '' | 'step' | 'check' | 'drive' | 'versions' | 'bot';

export interface Builder {
  chat: ChatView;
  flow: Flow;
  graph: BotGraph;
  /** nothing may be changed: the role does not allow it, or an old version is looked at */
  fixed: boolean;
  /** the role allows changes */
  mayEdit: boolean;
  /** the old version that stands in the place of the draft, which is as it was */
  looking?: BotVersion;
  look: (v: BotVersion | undefined) => void;
  selected: string;
  /** grows when the selected step is to be brought into view */
  shown: number;
  panel: Panel;
  setPanel: (p: Panel) => void;
  select: (id: string, show?: boolean) => void;
  /** `key` joins changes that follow each other to one */
  edit: (g: BotGraph, key?: string) => void;
  editStep: (s: BotStep, key?: string) => void;
  addStep: (kind: Kind, at?: Port, place?: { x: number; y: number }) => void;
  removeStep: (id: string) => void;
  copyStep: (id: string) => void;
  undo?: () => void;
  redo?: () => void;
  findings: BotFinding[];
  /** of a step, by id */
  found: Map<string, BotFinding[]>;
  saving: Saving;
  saver: Saver<BotGraph, Keep>;
  /** takes a graph of the server's as it is, with its revision */
  load: (v: Pick<BotView, 'draft' | 'findings'>) => void;
  /** where the test drive stands */
  lit: string;
  setLit: (id: string) => void;
  numbers?: BotNumbers;
}

/** The check speaks of the draft. */
const noFindings: BotFinding[] = [];

type Keep = { revision: number; findings: BotFinding[] };

export const BuilderContext = createContext<Builder | null>(null);

export function useBuilder(): Builder {
  const b = useContext(BuilderContext);
  if (!b) throw new Error('no builder');
  return b;
}

/** A graph as it is shown: what nobody has placed is laid out. */
function shape(g: BotGraph): BotGraph {
  const whole = tidy(g);
  return piled(whole) ? arranged(whole) : whole;
}

export function useNewBuilder(chat: ChatView, flow: Flow, view: BotView, numbers: BotNumbers | undefined): Builder {
  const { api } = useServices();
  const me = useMe();
  const client = useQueryClient();
  const [history, setHistory] = useState<History<BotGraph>>(() => begin(shape(view.draft.graph)));
  const [findings, setFindings] = useState(view.findings);
  const [selected, setSelected] = useState('');
  const [shown, setShown] = useState(0);
  const [panel, setPanel] = useState<Panel>('');
  const [lit, setLit] = useState('');
  const [old, setOld] = useState<{ version: BotVersion; graph: BotGraph }>();
  const mayEdit = me.role === 'admin' || me.role === 'manager';
  const fixed = !mayEdit || !!old;
  const ref = useRef(flow);
  const saver = useMemo(
    () =>
      new Saver<BotGraph, Keep>(
        view.draft.revision,
        async (g, revision) => {
          const saved: BotSaved = await botApi(api).save(ref.current, g, revision);
          return { revision: saved.draft.revision, findings: saved.findings };
        },
        (saved) => setFindings(saved.findings),
      ),
    [api, view.draft.revision],
  );
  const saving = useSyncExternalStore(saver.subscribe, saver.snapshot);
  // Whoever leaves the page has saved; what the page is opened with next is asked for anew.
  useEffect(
    () => () => {
      void saver.flush().then(() => client.removeQueries({ queryKey: botKeys.bot(ref.current.id) }));
    },
    [saver, client],
  );
  useEffect(() => {
    const warn = (e: BeforeUnloadEvent) => saver.state !== 'saved' && e.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [saver]);

  const graph = old?.graph ?? history.now;
  const changed = (h: History<BotGraph>) => {
    if (h === history || fixed) return;
    setHistory(h);
    if (h.now !== history.now) saver.put(h.now);
  };
  const edit = (g: BotGraph, key = '') => changed(commit(history, g, key));
  const select = (id: string, show = false) => {
    setSelected(id);
    if (id) setPanel('step');
    if (show) setShown((n) => n + 1);
  };
  const found = useMemo(() => {
    const by = new Map<string, BotFinding[]>();
    for (const f of old ? [] : findings) if (f.step) by.set(f.step, [...(by.get(f.step) ?? []), f]);
    return by;
  }, [findings, old]);
  return {
    chat,
    flow,
    graph,
    fixed,
    mayEdit,
    looking: old?.version,
    look: (v) => {
      setOld(v && { version: v, graph: shape(v.graph) });
      setLit('');
    },
    selected: stepOf(graph, selected) ? selected : '',
    shown,
    panel,
    setPanel,
    select,
    edit,
    editStep: (s, key) => edit(put(graph, s), key && `${s.id} ${key}`),
    addStep: (kind, at = openPort(graph, selected), place) => {
      const id = freshId(graph, kind);
      edit(freed(add(graph, { ...blank(kind, id), ...place }, at), id));
      select(id, true);
    },
    removeStep: (id) => {
      const i = graph.steps.findIndex((s) => s.id === id);
      const next = graph.steps[i + 1] ?? graph.steps[i - 1];
      edit(remove(graph, id));
      setSelected(next?.id ?? '');
      if (!next) setPanel('');
    },
    copyStep: (id) => {
      const copy = duplicate(graph, id);
      edit(copy.graph);
      select(copy.id, true);
    },
    undo: history.past.length && !fixed ? () => changed(undo(history)) : undefined,
    redo: history.future.length && !fixed ? () => changed(redo(history)) : undefined,
    findings: old ? noFindings : findings,
    found,
    saving,
    saver,
    load: (v) => {
      setOld(undefined);
      setHistory(begin(shape(v.draft.graph)));
      setFindings(v.findings);
      saver.settle(v.draft.revision, false);
    },
    lit,
    setLit,
    numbers,
  };
}
