/**
 * Runs actions. The only place that refuses what a console that may only look must not do, asks for
 * arguments, asks before what cannot be undone, keeps what can be taken back, and shows the command.
 */
import { toVaultError } from '../../protocol/errors.ts';
import type { VaultError } from '../../protocol/errors.ts';
import { failureOf } from '../agent/failure.ts';
import type { Choice } from '../state/modal.ts';
import type { Store } from '../state/store.ts';
import { atStart } from '../state/list-cursor.ts';
import { emptyInput, inputOf } from '../state/text-input.ts';
import type { Action, ActionIo, Confirmation, Outcome, Undo } from './action.ts';
import { actionById } from './action-list.ts';
import type { FromDialog } from './intent.ts';
import type { Secrets } from './secrets.ts';
import { commandLine } from './words.ts';

export interface Dispatcher {
  /** Nothing is done when what the dialog was opened for is not selected any more. */
  perform(id: string, args?: readonly string[], from?: FromDialog): void;
  /** Shows a message for a while. */
  tell(notice: {
    kind: 'done' | 'warning' | 'failed';
    text: string;
    next?: string | undefined;
  }): void;
}

export interface DispatcherParts {
  readonly store: Store;
  readonly after: (delayMs: number, action: () => void) => { cancel(): void };
  /** After something was changed from here. */
  readonly changed: () => void;
  readonly secrets: Secrets;
  /** Of `ActionIo`, what is not about actions. */
  readonly world: Pick<ActionIo, 'client' | 'terminal' | 'nowMs' | 'vault' | 'read'>;
}

/** What an action is done with. */
interface Call {
  readonly action: Action;
  readonly args: readonly string[];
  /** What was selected when it was asked for. */
  readonly subject: string | undefined;
}

const noticeMs = 6000;
/** Failures of the way to the agent, and not of what was typed. */
const unreachable: ReadonlySet<string> = new Set(['no-agent', 'closed']);

export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { store, after, world, changed, secrets } = parts;
  const undos = new Map<number, Undo>();
  const aborts = new Map<number, AbortController>();
  let lastId = 0;
  let noticeTimer: { cancel(): void } | undefined;

  const io: Omit<ActionIo, 'secret'> = {
    ...world,
    state: () => store.state(),
    dispatch(message) {
      store.dispatch(message);
    },
    perform,
    choose,
    async task(title, work) {
      const id = (lastId += 1);
      const abort = new AbortController();
      aborts.set(id, abort);
      store.dispatch({ type: 'task', task: { id, title } });
      try {
        return await work({
          client: world.client(abort.signal),
          signal: abort.signal,
          progress(done, total) {
            store.later({ type: 'task', task: { id, title, done, total } });
          },
        });
      } finally {
        aborts.delete(id);
        // After the last of its progress.
        store.later({ type: 'task-over', id });
      }
    },
    undo: takeBack,
    cancelTasks() {
      const count = aborts.size;
      for (const abort of aborts.values()) abort.abort();
      return count;
    },
  };

  function perform(id: string, given: readonly string[] = [], from: FromDialog = {}): void {
    const action = actionById(id);
    if (action === undefined) return;
    const state = store.state();
    const refusal = refusalOf(action, from.subject);
    if (refusal !== undefined) {
      tell({ kind: 'warning', text: refusal });
      return;
    }
    const fields = action.fields?.(state) ?? [];
    const hides = fields.some(({ secret }) => secret === true);
    const call = { action, args: given, subject: from.subject ?? subjectOf(action) };
    if (given.length < fields.length || (hides && !secrets.isOpen)) {
      openForm(call);
      return;
    }
    const question = from.confirmed === true ? undefined : action.confirm?.(state, given);
    if (question !== undefined) ask(call, { ...question, hides });
    else if (action.look !== undefined && from.confirmed !== true) void lookAndAsk(call);
    else start(call);
  }

  /** Asks for what an action needs, beginning with what is known of it. */
  function openForm({ action, args, subject }: Call): void {
    const fields = action.fields?.(store.state()) ?? [];
    const hides = fields.some(({ secret }) => secret === true);
    // Never out of a line that shows what is typed.
    const typed = hides ? [] : args;
    const inputs = fields.map(({ initial }, at) => inputOf(typed[at] ?? initial ?? ''));
    if (hides) secrets.open();
    const at = Math.min(typed.length, fields.length - 1);
    const { title, id } = action;
    store.dispatch({
      type: 'open-modal',
      modal: { type: 'prompt', title, action: id, fields, inputs, at, subject },
    });
  }

  function ask(
    { action, args, subject }: Call,
    { title, detail, word, hides, args: pinned }: Confirmation & { readonly hides: boolean },
  ): void {
    store.dispatch({
      type: 'open-modal',
      modal: {
        ...{ type: 'confirm', title, action: action.id, args, detail, word, secret: hides },
        command: commandOf(action, args),
        input: emptyInput,
        subject: pinned === undefined ? subject : undefined,
      },
    });
  }

  async function lookAndAsk(call: Call): Promise<void> {
    const { action, args } = call;
    await attempt(action, async () => {
      const question = await action.look?.({ ...io, secret: noSecret }, args);
      if (question === undefined) return;
      // What is typed by now is no answer to this, and may be a passphrase.
      if (store.state().modals.length > 0) {
        tell({ kind: 'warning', text: `${action.title}: something else was open; ask again` });
        return;
      }
      ask({ ...call, args: question.args ?? args }, { ...question, hides: false });
    });
  }

  function choose(title: string, options: readonly Choice[]): void {
    const pinned = options.map((option) => {
      const action = actionById(option.action);
      return { ...option, subject: action === undefined ? undefined : subjectOf(action) };
    });
    store.dispatch({
      type: 'open-modal',
      modal: { type: 'choice', title, options: pinned, cursor: atStart },
    });
  }

  function start(call: Call): void {
    const line = commandOf(call.action, call.args);
    if (line !== undefined) store.dispatch({ type: 'command', line });
    void run(call);
  }

  function refusalOf(action: Action, subject: string | undefined): string | undefined {
    const state = store.state();
    if (action.changes === true && state.readOnly)
      return 'This console may only look (--read-only)';
    const reason = action.unless?.(state);
    if (reason !== undefined) return `${action.title}: ${reason}`;
    if (subject === undefined || subject === subjectOf(action)) return undefined;
    return 'What was selected has changed meanwhile: nothing was done';
  }

  /** What an action would be done to now, whatever is typed for it. */
  function subjectOf(action: Action): string | undefined {
    // Those are about nothing that is selected.
    if (action.place === 'everywhere') return undefined;
    const state = store.state();
    const blanks = (action.fields?.(state) ?? []).map(() => '');
    return JSON.stringify([commandOf(action, blanks), action.confirm?.(state, blanks)]);
  }

  function commandOf(action: Action, args: readonly string[]): string | undefined {
    const words = action.command?.(store.state(), args);
    return words === undefined ? undefined : lineOf(words);
  }

  function lineOf(words: readonly string[]): string {
    return commandLine([...store.state().reach, ...words]);
  }

  async function run(call: Call): Promise<void> {
    const { action, args } = call;
    const fields = action.fields?.(store.state()) ?? [];
    const hidden = fields.map(({ secret }, at) => (secret === true ? secrets.take(at) : undefined));
    secrets.wipe();
    const secret = (field: number): Buffer => hidden[field] ?? noSecret();
    const error = await attempt(action, async () => {
      report(await action.run({ ...io, secret }, args));
    });
    for (const bytes of hidden) bytes?.fill(0);
    if (fields.length > 0 && error !== undefined && unreachable.has(error.code)) keepTyped(call);
    if (action.changes === true) changed();
  }

  /** The agent has gone under a form: it is filled in already when the agent is back. */
  function keepTyped(call: Call): void {
    const { modals, filterInput } = store.state();
    // Whatever has the keys by now keeps them.
    if (modals.length === 0 && filterInput === undefined) openForm(call);
  }

  /** @returns what it failed with, which was told */
  async function attempt(
    action: Action,
    work: () => Promise<void>,
  ): Promise<VaultError | undefined> {
    try {
      await work();
      return undefined;
    } catch (cause) {
      const error = toVaultError(cause, `tui.${action.id}`);
      const { message, next } = failureOf(error);
      tell({ kind: 'failed', text: message, next });
      return error;
    }
  }

  function report(outcome: Outcome): void {
    if (outcome === undefined) return;
    const { text, kind, undo } = outcome;
    if (undo === undefined) {
      tell({ kind: kind ?? 'done', text });
      return;
    }
    const id = (lastId += 1);
    undos.set(id, undo);
    store.dispatch({ type: 'undoable', undoable: { id, title: undo.title } });
    forgetUndos();
    tell({ kind: kind ?? 'done', text: `${text}  (u: ${undo.title})` });
  }

  /** The state keeps the latest ones only. */
  function forgetUndos(): void {
    const kept = new Set(store.state().undo.map(({ id }) => id));
    for (const id of undos.keys()) if (!kept.has(id)) undos.delete(id);
  }

  async function takeBack(): Promise<Outcome> {
    const latest = store.state().undo.at(-1);
    const undo = latest === undefined ? undefined : undos.get(latest.id);
    if (latest === undefined || undo === undefined) return undefined;
    await undo.run(world.client());
    // Only what has been taken back leaves the list: what failed can be tried again.
    undos.delete(latest.id);
    store.dispatch({ type: 'undone', id: latest.id });
    if (undo.command !== undefined) {
      store.dispatch({ type: 'command', line: lineOf(undo.command) });
    }
    return { text: `Done: ${undo.title}` };
  }

  function tell(notice: Parameters<Dispatcher['tell']>[0]): void {
    const id = (lastId += 1);
    noticeTimer?.cancel();
    store.dispatch({ type: 'notice', notice: { id, ...notice } });
    noticeTimer = after(noticeMs, () => {
      if (store.state().notice?.id === id) store.dispatch({ type: 'notice', notice: undefined });
    });
  }

  return { perform, tell };
}

function noSecret(): Buffer {
  return Buffer.alloc(0);
}
