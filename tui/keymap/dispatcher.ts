/**
 * Runs actions. The only place that refuses what a console that may only look must not do, asks for
 * arguments, asks before what cannot be undone, keeps what can be taken back, and shows the command.
 */
import { toVaultError } from '../../protocol/errors.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { failureOf } from '../agent/failure.ts';
import type { Store } from '../state/store.ts';
import { emptyInput, inputOf } from '../state/text-input.ts';
import type { Action, ActionIo, Confirmation, Outcome, Undo } from './action.ts';
import { actionById } from './action-list.ts';
import type { Secrets } from './secrets.ts';

export interface Dispatcher {
  /** @param subject of the dialog that has asked: nothing is done when it is another one by now */
  perform(id: string, args?: readonly string[], subject?: string): void;
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

const noticeMs = 6000;
/** Marks arguments that come from a dialog that has asked. */
const confirmed = '--confirmed';

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

  function perform(id: string, args: readonly string[] = [], subject?: string): void {
    const action = actionById(id);
    if (action === undefined) return;
    const state = store.state();
    const wasAsked = args[0] === confirmed;
    const given = wasAsked ? args.slice(1) : args;
    const refusal = refusalOf(action, subject);
    if (refusal !== undefined) {
      tell({ kind: 'warning', text: refusal });
      return;
    }
    const fields = action.fields?.(state) ?? [];
    const hides = fields.some(({ secret }) => secret === true);
    if (given.length < fields.length || (hides && !secrets.isOpen)) {
      // Never out of a line that shows what is typed.
      const typed = hides ? [] : given;
      const inputs = fields.map(({ initial }, at) => inputOf(typed[at] ?? initial ?? ''));
      if (hides) secrets.open();
      store.dispatch({
        type: 'open-modal',
        modal: {
          type: 'prompt',
          title: action.title,
          action: id,
          fields,
          inputs,
          at: typed.length,
          subject: subjectOf(action),
        },
      });
      return;
    }
    const question = wasAsked ? undefined : action.confirm?.(state, given);
    if (question !== undefined) ask(action, given, { ...question, hides });
    else if (action.look !== undefined && !wasAsked) void lookAndAsk(action, given);
    else start(action, given);
  }

  function ask(
    action: Action,
    args: readonly string[],
    { title, detail, word, hides, args: pinned }: Confirmation & { readonly hides: boolean },
  ): void {
    store.dispatch({
      type: 'open-modal',
      modal: {
        ...{ type: 'confirm', title, action: action.id, args, detail, word, secret: hides },
        command: commandOf(action, args),
        input: emptyInput,
        subject: pinned === undefined ? subjectOf(action) : undefined,
      },
    });
  }

  async function lookAndAsk(action: Action, args: readonly string[]): Promise<void> {
    await attempt(action, async () => {
      const question = await action.look?.({ ...io, secret: noSecret }, args);
      if (question === undefined) return;
      // What is typed by now is no answer to this, and may be a passphrase.
      if (store.state().modals.length > 0) {
        tell({ kind: 'warning', text: `${action.title}: something else was open; ask again` });
        return;
      }
      ask(action, question.args ?? args, { ...question, hides: false });
    });
  }

  function start(action: Action, args: readonly string[]): void {
    const line = commandOf(action, args);
    if (line !== undefined) store.dispatch({ type: 'command', line });
    void run(action, args);
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
    return words === undefined ? undefined : commandLine(words);
  }

  async function run(action: Action, args: readonly string[]): Promise<void> {
    const fields = action.fields?.(store.state()) ?? [];
    const hidden = fields.map(({ secret }, at) => (secret === true ? secrets.take(at) : undefined));
    secrets.wipe();
    const secret = (field: number): Buffer => hidden[field] ?? noSecret();
    await attempt(action, async () => {
      report(await action.run({ ...io, secret }, args));
    });
    for (const bytes of hidden) bytes?.fill(0);
    if (action.changes === true) changed();
  }

  async function attempt(action: Action, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { message, next } = failureOf(toVaultError(error, `tui.${action.id}`));
      tell({ kind: 'failed', text: message, next });
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
    tell({ kind: kind ?? 'done', text: `${text}  (u: ${undo.title})` });
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
      store.dispatch({ type: 'command', line: commandLine(undo.command) });
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

/** `vault mv 'a b' c`, as it can be pasted into a shell. */
export function commandLine(words: readonly string[]): string {
  return escapeNothingButControls(['vault', ...words].map(wordOf).join(' '));
}

/** Flags are what they are; everything else is quoted where a shell would not leave it alone. */
function wordOf(word: string): string {
  return /^(?:--?[a-z][a-z-]*|--)$/.test(word) ? word : shellWord(word);
}

/** Backslashes stay: the line is to be pasted. */
function escapeNothingButControls(line: string): string {
  return line
    .split('\\')
    .map((part) => escapeText(part))
    .join('\\');
}
