/** The `events` call: recent ones, then, when asked to follow, all that come. */
import { event as eventCodec } from '../../protocol/messages/control-report.ts';
import { eventsRequest } from '../../protocol/messages/control.ts';
import type { Call, ControlContext } from './context.ts';

export async function handleEvents({ events }: ControlContext, call: Call): Promise<void> {
  const { follow, recent } = eventsRequest.fromWire(call.request);
  const { signal } = call.stream;
  // Followed before the past is sent, so that nothing falls between the two.
  const coming = follow ? events.follow(signal) : undefined;
  const first = coming?.next();
  for (const record of events.recent(recent))
    await call.stream.sendMessage(eventCodec.toWire(record));
  if (coming === undefined || first === undefined) return;
  for (let next = await first; next.done !== true; next = await coming.next()) {
    await call.stream.sendMessage(eventCodec.toWire(next.value));
  }
}
