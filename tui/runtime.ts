/**
 * Puts the parts together: state, connection, dispatcher; and says what a key, a click, a pasted text
 * and a new size lead to. It draws nothing.
 */
import type { Open } from './agent/link.ts';
import { startLink } from './agent/link.ts';
import type { ActionIo, Terminal } from './keymap/action.ts';
import { createDispatcher } from './keymap/dispatcher.ts';
import type { Intent } from './keymap/intent.ts';
import { interpret, interpretPaste } from './keymap/interpret.ts';
import { wheelAt, wheelRows } from './keymap/wheel.ts';
import { createSecrets } from './keymap/secrets.ts';
import { compose } from './screen/compose.ts';
import { clickAt, panelAt } from './screen/panel.ts';
import { holdsSecret } from './state/modal.ts';
import { createStore } from './state/store.ts';
import { initialState } from './state/state.ts';
import type { Size, StartSettings, State } from './state/state.ts';
import { codePointsMax, inputOf } from './state/text-input.ts';
import type { MouseEvent } from './terminal/mouse-input.ts';
import type { Theme } from './theme/theme.ts';
import { startTicker } from './ticker.ts';
import { initialSlices } from './views/all.ts';

export interface Runtime {
  state(): State;
  subscribe(listener: () => void): () => void;
  key(key: string): void;
  paste(text: string): void;
  mouse(event: MouseEvent): void;
  resize(size: Size): void;
  close(): void;
}

export interface RuntimeParts {
  readonly settings: StartSettings;
  readonly theme: Theme;
  readonly open: Open;
  readonly terminal: Terminal;
  readonly vault: ActionIo['vault'];
  readonly read: ActionIo['read'];
  nowMs(): number;
  after(delayMs: number, action: () => void): { cancel(): void };
}

export function createRuntime(parts: RuntimeParts): Runtime {
  const { nowMs, after, theme } = parts;
  const store = createStore(initialState(parts.settings, initialSlices()), { after });
  const link = startLink({ store, open: parts.open, nowMs, after });
  const secrets = createSecrets();
  const dispatcher = createDispatcher({
    store,
    secrets,
    after,
    changed() {
      link.refresh();
    },
    world: {
      client: (signal) => link.client(signal),
      terminal: parts.terminal,
      nowMs,
      vault: parts.vault,
      read: parts.read,
    },
  });
  const ticker = startTicker({ store, nowMs, after });

  function follow(intent: Intent | undefined): void {
    switch (intent?.type) {
      case undefined:
        return;
      case 'message':
        store.dispatch(intent.message);
        return;
      case 'action':
        dispatcher.perform(intent.id, intent.args, intent.from);
        return;
      case 'secret':
        hide(intent.field, secrets.edit(intent.field, intent.edit));
        return;
      case 'sequence':
        for (const each of intent.intents) follow(each);
    }
  }

  /** The state knows how many characters were typed. */
  function hide(field: number, characters: number): void {
    const modal = store.state().modals.at(-1);
    if (modal?.type !== 'prompt') return;
    const inputs = modal.inputs.map((input, at) =>
      at === field ? inputOf('*'.repeat(characters)) : input,
    );
    store.dispatch({ type: 'change-modal', modal: { ...modal, inputs } });
  }

  function followAll(intents: readonly (Intent | undefined)[]): void {
    for (const intent of intents) follow(intent);
    // The dialog that it was typed into may have been left.
    if (secrets.isOpen && !store.state().modals.some(holdsSecret)) secrets.wipe();
  }

  return {
    state: () => store.state(),
    subscribe: (listener) => store.subscribe(listener),
    key(key) {
      followAll(interpret(store.state(), key));
    },
    paste(text) {
      // A part of it would be something else than what was meant.
      if (text.length > codePointsMax) {
        const most = String(codePointsMax);
        const long = `What was pasted is too long: ${String(text.length)} characters, of ${most} at most`;
        dispatcher.tell({ kind: 'warning', text: long });
      } else followAll(interpretPaste(store.state(), text));
    },
    mouse({ type, x, y, by }) {
      const panels = compose(store.state(), theme);
      if (type === 'click') followAll([clickAt(panels, x, y)]);
      const panel = panelAt(panels, x, y);
      const steps = type === 'wheel' ? wheelRows : 0;
      for (let at = 0; at < steps; at += 1) followAll(wheelAt(store.state(), { panel, by }));
    },
    resize(size) {
      store.dispatch({ type: 'resized', size });
    },
    close() {
      secrets.wipe();
      ticker.stop();
      link.close();
    },
  };
}
