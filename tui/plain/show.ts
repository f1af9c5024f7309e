/** Shows a view as plain text: once, when all of it is known, or again and again when it has changed. */
import { VaultError } from '../../protocol/errors.ts';
import type { Open } from '../agent/link.ts';
import { startLink } from '../agent/link.ts';
import { initialState } from '../state/state.ts';
import type { StartSettings } from '../state/state.ts';
import { createStore } from '../state/store.ts';
import type { Theme } from '../theme/theme.ts';
import { initialSlices } from '../views/all.ts';
import { plainFrame } from './frame.ts';

export interface PlainParts {
  readonly settings: StartSettings;
  readonly theme: Theme;
  readonly open: Open;
  /** Goes on until the process ends. */
  readonly repeat: boolean;
  write(lines: readonly string[]): void;
  nowMs(): number;
  after(delayMs: number, action: () => void): { cancel(): void };
}

/** So long nothing may come in any more: what came last may lead to another question. */
const quietMs = 400;
/** What an agent that is busy has not said by then is missing, and the text says so. */
const patienceMs = 20_000;

/**
 * @throws VaultError why there is no agent, unless it is to go on
 */
export function showPlain(parts: PlainParts): Promise<void> {
  const { settings, theme, nowMs, after, repeat } = parts;
  const store = createStore(initialState(settings, initialSlices()), { after });
  const startMs = nowMs();
  return new Promise((resolve, reject) => {
    let shown = '';
    let quiet: { cancel(): void } | undefined;

    const open: Open = async (onClosed) => {
      try {
        return await parts.open(onClosed);
      } catch (error) {
        if (!repeat) end(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    };
    const link = startLink({ store, open, nowMs, after });
    store.subscribe(wait);
    wait();

    function wait(): void {
      quiet?.cancel();
      quiet = after(quietMs, look);
    }

    function look(): void {
      const agent = store.state().link;
      if (!repeat && agent.state === 'lost') {
        end(new VaultError('no-agent', { op: 'tui.plain', detail: agent.reason }));
        return;
      }
      const known = agent.state === 'lost' || (link.settled() && store.settled());
      if (!known && nowMs() - startMs < patienceMs) {
        wait();
        return;
      }
      const lines = plainFrame({ ...store.state(), nowMs: nowMs() }, theme);
      const text = lines.join('\n');
      if (text !== shown) parts.write(shown === '' ? lines : ['', ...lines]);
      shown = text;
      if (!repeat) end();
    }

    function end(error?: Error): void {
      quiet?.cancel();
      link.close();
      if (error === undefined) resolve();
      else reject(error);
    }
  });
}
