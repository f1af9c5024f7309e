/** How the state changes: one pure function of the state and a message. */
import { geometryOf } from '../screen/geometry.ts';
import { anyView } from '../views/all.ts';
import type { Slices, ViewId, ViewMessage } from '../views/slices.ts';
import type { Message } from './message.ts';
import type { Datum } from './resources.ts';
import { countersOf, lastLookMs, ratesBetween, sampled, sumOf } from './series.ts';
import type { State } from './state.ts';

/** What is kept of the past. */
const eventsMax = 2000;
const commandsMax = 200;
const undoMax = 50;
const visitedMax = 50;

/** Returns the same state when nothing has changed, so that nothing is drawn. */
export function reduce(state: State, message: Message): State {
  const next = reduceShared(state, message);
  return next === state || !observed.has(message.type) ? next : observe(next);
}

/** After these the view may have to follow. */
const observed: ReadonlySet<Message['type']> = new Set([
  'data',
  'events',
  'filter',
  'go',
  'link',
  'resized',
  'travel',
  'zoom',
  'focus',
]);

function reduceShared(state: State, message: Message): State {
  switch (message.type) {
    case 'resized':
      return { ...state, size: message.size };
    case 'tick':
      return { ...state, nowMs: message.nowMs };
    case 'go':
      return go(state, message.view);
    case 'travel':
      return travel(state, message.by);
    case 'focus':
      return { ...state, focus: { ...state.focus, [state.view]: message.pane } };
    case 'zoom':
      return { ...state, zoomed: !state.zoomed };
    case 'freeze':
      return { ...state, frozen: !state.frozen };
    case 'mouse':
      return { ...state, mouse: message.on };
    case 'open-modal':
      return { ...state, modals: [...state.modals, message.modal], pendingKeys: '' };
    case 'change-modal':
      return { ...state, modals: [...state.modals.slice(0, -1), message.modal] };
    case 'close-modal':
      return { ...state, modals: state.modals.slice(0, -1) };
    case 'filter-input':
      return { ...state, filterInput: message.input };
    case 'filter':
      return { ...state, filters: { ...state.filters, [state.view]: message.text } };
    case 'pending-keys':
      return state.pendingKeys === message.keys ? state : { ...state, pendingKeys: message.keys };
    case 'notice':
      return { ...state, notice: message.notice };
    case 'task':
      return {
        ...state,
        tasks: [...state.tasks.filter(({ id }) => id !== message.task.id), message.task],
      };
    case 'task-over':
      return { ...state, tasks: state.tasks.filter(({ id }) => id !== message.id) };
    case 'undoable':
      return { ...state, undo: [...state.undo.slice(-(undoMax - 1)), message.undoable] };
    case 'undone':
      return { ...state, undo: state.undo.filter(({ id }) => id !== message.id) };
    case 'command':
      return { ...state, commands: [...state.commands.slice(-(commandsMax - 1)), message.line] };
    case 'link':
      return { ...state, link: message.link };
    case 'events':
      return withEvents(state, message.events);
    case 'data':
      return withData(state, message);
    case 'data-failed':
      return withFailure(state, message);
    case 'view':
      return withSlice(state, message);
  }
}

function go(state: State, view: ViewId): State {
  if (view === state.view) return state;
  const back = [...state.back.slice(-(visitedMax - 1)), state.view];
  return { ...state, view, back, forward: [], zoomed: false, pendingKeys: '' };
}

function travel(state: State, by: -1 | 1): State {
  const { back, forward, view } = state;
  const target = by < 0 ? back.at(-1) : forward.at(-1);
  if (target === undefined) return state;
  return {
    ...state,
    view: target,
    back: by < 0 ? back.slice(0, -1) : [...back, view],
    forward: by < 0 ? [...forward, view] : forward.slice(0, -1),
    zoomed: false,
    pendingKeys: '',
  };
}

function withEvents(state: State, events: Extract<Message, { type: 'events' }>['events']): State {
  if (events.length === 0) return state;
  return { ...state, events: [...state.events, ...events].slice(-eventsMax) };
}

function withData(state: State, message: Extract<Message, { type: 'data' }>): State {
  if (state.frozen) return state;
  const before = state.data[message.name];
  const next = message.name === 'peers' ? withRates(state, message) : state;
  const same =
    before?.value !== undefined &&
    before.error === undefined &&
    JSON.stringify(before.value) === JSON.stringify(message.value);
  // The age of what is shown counts only when it can no longer be had.
  if (same && next === state) return state;
  const datum = { value: same ? before.value : message.value, atMs: message.atMs };
  return { ...next, data: { ...state.data, [message.name]: datum } };
}

function withRates(
  state: State,
  message: Extract<Message, { type: 'data'; name: 'peers' }>,
): State {
  const { value: peers, atMs, first } = message;
  const { series } = state;
  const before = state.data.peers;
  if (before?.value === undefined) return state;
  // Nobody has looked meanwhile: when what has come since came is not known.
  if (first === true) return { ...state, series: { ...series, atMs } };
  const then = countersOf(before.value, lastLookMs(series, before.atMs, atMs));
  const devices = ratesBetween(then, countersOf(peers, atMs));
  const rates = sumOf(devices);
  const inward = sampled(series.in, rates.in);
  const outward = sampled(series.out, rates.out);
  if (inward === series.in && outward === series.out) return state;
  return { ...state, series: { in: inward, out: outward, devices, atMs } };
}

function withFailure(state: State, message: Extract<Message, { type: 'data-failed' }>): State {
  const before: Datum<unknown> | undefined = state.data[message.name];
  if (before?.error?.message === message.error.message) return state;
  const datum = { atMs: message.atMs, ...before, error: message.error };
  return { ...state, data: { ...state.data, [message.name]: datum } };
}

function withSlice(state: State, { view: id, message }: ViewMessage): State {
  const view = anyView(id);
  const slice = state.slices[id];
  const next = view.reduce(slice as never, message as never, contextOf(state));
  return Object.is(next, slice) ? state : withSliceOf(state, id, next);
}

function observe(state: State): State {
  const view = anyView(state.view);
  if (view.observe === undefined) return state;
  const slice = state.slices[state.view];
  const next = view.observe(slice as never, contextOf(state));
  return Object.is(next, slice) ? state : withSliceOf(state, state.view, next);
}

function contextOf(state: State) {
  return { state, rect: geometryOf(state.size).body };
}

function withSliceOf(state: State, id: ViewId, slice: Slices[ViewId]): State {
  return { ...state, slices: { ...state.slices, [id]: slice } };
}
