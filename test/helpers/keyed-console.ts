/** A console without a terminal: keys in, state out; the agent is what a test says, or gone. */
import { VaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import { createDispatcher } from '../../tui/keymap/dispatcher.ts';
import type { Intent } from '../../tui/keymap/intent.ts';
import { interpret, interpretPaste } from '../../tui/keymap/interpret.ts';
import { createSecrets } from '../../tui/keymap/secrets.ts';
import type { Message } from '../../tui/state/message.ts';
import type { State } from '../../tui/state/state.ts';
import { createStore } from '../../tui/state/store.ts';

export function consoleOf(state: State, agent?: Partial<ControlClient>) {
  const store = createStore(state, { after: () => ({ cancel: () => undefined }) });
  const secrets = createSecrets();
  const copied: string[] = [];
  let quits = 0;
  const dispatcher = createDispatcher({
    store,
    after: () => ({ cancel: () => undefined }),
    changed: () => undefined,
    secrets,
    world: {
      nowMs: () => 0,
      client() {
        if (agent === undefined) throw new VaultError('no-agent', { op: 'test' });
        return agent as ControlClient;
      },
      vault: () => Promise.resolve(undefined),
      read: () => Promise.resolve(''),
      terminal: {
        asciiOnly: false,
        copy: (text) => void copied.push(text),
        redraw: () => undefined,
        mouse: () => undefined,
        quit: () => void (quits += 1),
      },
    },
  });
  const follow = (intent: Intent): void => {
    if (intent.type === 'message') store.dispatch(intent.message);
    else if (intent.type === 'action') dispatcher.perform(intent.id, intent.args, intent.from);
    else if (intent.type === 'sequence') intent.intents.forEach(follow);
    else secrets.edit(intent.field, intent.edit);
  };
  return {
    state: () => store.state(),
    copied,
    tell: (message: Message) => {
      store.dispatch(message);
    },
    quits: () => quits,
    press(...keys: readonly string[]) {
      for (const key of keys) interpret(store.state(), key).forEach(follow);
      return store.state();
    },
    paste(text: string) {
      interpretPaste(store.state(), text).forEach(follow);
      return store.state();
    },
  };
}
