/**
 * Holds the state. What a person does changes it at once; what the agent says is gathered for a
 * moment, so that 500 events a second are drawn a few times a second. The timer is the caller's.
 */
import type { Message } from './message.ts';
import { reduce } from './reducer.ts';
import type { State } from './state.ts';

export interface Store {
  state(): State;
  /** Changes the state now. */
  dispatch(message: Message): void;
  /** Changes it with the next batch. */
  later(message: Message): void;
  /** Nothing waits for the next batch. */
  settled(): boolean;
  /** @returns what ends the subscription */
  subscribe(listener: () => void): () => void;
}

export interface Delay {
  after(delayMs: number, action: () => void): { cancel(): void };
}

/** Long enough to gather, short enough to look immediate: four frames a second. */
export const batchMs = 250;

export function createStore(initial: State, delay: Delay): Store {
  let state = initial;
  let waiting: Message[] = [];
  const listeners = new Set<() => void>();

  const apply = (messages: readonly Message[]): void => {
    const before = state;
    for (const message of messages) state = reduce(state, message);
    if (state !== before) for (const listener of listeners) listener();
  };
  return {
    state: () => state,
    dispatch(message) {
      apply([message]);
    },
    later(message) {
      waiting.push(message);
      if (waiting.length > 1) return;
      delay.after(batchMs, () => {
        const messages = merged(waiting);
        waiting = [];
        apply(messages);
      });
    },
    settled: () => waiting.length === 0,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Events in a row are one message: the list of them is copied once. */
function merged(messages: readonly Message[]): readonly Message[] {
  const result: Message[] = [];
  for (const message of messages) {
    const last = result.at(-1);
    if (message.type === 'events' && last?.type === 'events') {
      result[result.length - 1] = { type: 'events', events: [...last.events, ...message.events] };
    } else {
      result.push(message);
    }
  }
  return result;
}
