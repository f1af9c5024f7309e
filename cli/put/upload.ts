/**
 * Sends the items of one put: a few offers go ahead, the agent says which bodies it needs, and those
 * go up while it looks at the next offers.
 */
import { assert } from '../../protocol/assert.ts';
import { isVaultError, toVaultError } from '../../protocol/errors.ts';
import type { VaultError } from '../../protocol/errors.ts';
import { control, rpc } from '../../protocol/limits.ts';
import type { PutSession } from '../../protocol/control/put-session.ts';
import { isNeeded, putItemBytesMax } from '../../protocol/messages/control-put.ts';
import type { PutNeed, PutResult } from '../../protocol/messages/control-put.ts';
import { localError } from '../local/local-error.ts';
import type { Progress } from '../output/progress.ts';
import type { BodyReader } from './body.ts';
import { readAnswers } from './answers.ts';
import type { Answers } from './answers.ts';
import { BodyGroups } from './body-groups.ts';
import { NamedBodies } from './named-body.ts';
import type { SourceItem } from './source-item.ts';

export interface UploadOptions {
  readonly bodies: BodyReader;
  readonly progress: Progress;
  /** Gets what is left out, item by item, whether its source or the agent is the reason. */
  readonly onFailed: (error: VaultError) => void;
}

export interface Offer {
  readonly first: number;
  readonly items: readonly SourceItem[];
}

/** Offers that wait for their answer. */
const offersAheadMax = 4;
const offerBytesMax = rpc.messageBytesMax - 4096;

/**
 * @param items parents before their children
 * @throws VaultError what the agent refuses the put with, or what `items` throws
 */
export async function upload(
  session: PutSession,
  items: Iterator<SourceItem, undefined>,
  options: UploadOptions,
): Promise<PutResult> {
  const named = new NamedBodies({ session, progress: options.progress });
  const answers = readAnswers(session, {
    onFailed: options.onFailed,
    onRead(bytes) {
      named.hasRead(bytes);
    },
  });
  const sending: Sending = { ...options, session, answers, named, groups: undefined };
  try {
    const waiting: Offer[] = [];
    const batches = batch(items);
    for (let more = true; ;) {
      while (more && waiting.length < offersAheadMax) {
        const offer = batches.next().value;
        if (offer === undefined) more = false;
        else {
          await session.offer(offer.items);
          waiting.push(offer);
        }
      }
      const offer = waiting.shift();
      if (offer === undefined) break;
      await sendBodies(offer, await answers.nextNeed(), sending);
    }
    session.end();
    return await answers.result;
  } catch (error) {
    const failure = toVaultError(error, 'cli.put');
    session.fail(failure);
    // When the agent has failed the call, its reason says more than ours.
    throw answers.failure ?? failure;
  }
}

/** Cuts the items into offers of a size that fits into a message. */
export function* batch(items: Iterator<SourceItem, undefined>): Generator<Offer, undefined> {
  let first = 0;
  let batched: SourceItem[] = [];
  let bytes = 0;
  for (let item = items.next().value; item !== undefined; item = items.next().value) {
    const size = putItemBytesMax(item);
    if (batched.length === control.putOfferItemsMax || bytes + size > offerBytesMax) {
      yield { first, items: batched };
      first += batched.length;
      batched = [];
      bytes = 0;
    }
    batched.push(item);
    bytes += size;
  }
  if (batched.length > 0) yield { first, items: batched };
  return undefined;
}

interface Sending extends UploadOptions {
  readonly session: PutSession;
  readonly answers: Answers;
  readonly named: NamedBodies;
  /** undefined: bodies go up one at a time. */
  groups: BodyGroups | undefined;
}

async function sendBodies(offer: Offer, need: PutNeed, to: Sending): Promise<void> {
  const { session, bodies, progress } = to;
  const read = bodies.read?.bind(bodies);
  if (need.bodies === true && read !== undefined)
    to.groups ??= new BodyGroups({ session, read, progress });
  for (const [index, item] of offer.items.entries()) {
    if (item.kind !== 'file') continue;
    if (!isNeeded(need.bitmap, index)) {
      progress.advance(item.size ?? 0);
      continue;
    }
    const body = { number: offer.first + index, item };
    if (to.groups !== undefined && BodyGroups.takes(item)) await groupBody(to.groups, body, to);
    else {
      await to.groups?.flush();
      if (need.localFiles !== true || !(await nameBody(body, to))) {
        await sendBody(session, body, to);
      }
    }
  }
  // An offer must not come between bodies that were asked for.
  await to.groups?.flush();
}

interface Body {
  readonly number: number;
  readonly item: SourceItem;
}

/** @returns whether the item is done with, stored or left out */
async function nameBody({ number, item }: Body, to: Sending): Promise<boolean> {
  if (!NamedBodies.takes(item)) return false;
  const outcome = await to.named.name(number, item, to.answers);
  if (outcome === 'send') return false;
  if (outcome !== undefined) to.onFailed(outcome);
  return true;
}

async function groupBody(groups: BodyGroups, { number, item }: Body, to: Sending): Promise<void> {
  try {
    const full = groups.add(number, item);
    if (full !== undefined) await full;
  } catch (error) {
    if (isVaultError(error, 'cancelled')) throw error;
    to.onFailed(localError('cli.put', item.file ?? '', error));
    await groups.flush();
    await to.session.beginBody(number);
    await to.session.endBody(number, true);
  }
}

async function sendBody(
  session: PutSession,
  { number, item }: Body,
  options: UploadOptions,
): Promise<void> {
  assert(item.kind === 'file');
  let broken: VaultError | undefined;
  await session.beginBody(number);
  try {
    await options.bodies.send(item, async (bytes) => {
      try {
        await session.data(bytes);
      } catch (error) {
        broken = toVaultError(error, 'cli.put');
        throw broken;
      }
      options.progress.advance(bytes.length);
    });
  } catch (error) {
    if (broken !== undefined) throw broken;
    if (isVaultError(error, 'cancelled')) throw error;
    options.onFailed(localError('cli.put', item.file ?? 'standard input', error));
    await session.endBody(number, true);
    return;
  }
  await session.endBody(number, false);
}
