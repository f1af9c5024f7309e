/**
 * What stands in the way of a path because of who belongs to the vault and what they may: changes that do
 * not count, keys that are not here, people whom somebody has to decide about. Pure.
 */
import type { Reason, Role } from '../../protocol/control/reports.ts';
import { formatCount } from '../../protocol/text/format.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import type { Weighed } from './why-weighed.ts';

export interface WhyMembers {
  /** This device, as people call it. */
  readonly self: SelfFacts;
  /** Files whose content is sealed under a key that this device does not have. */
  readonly filesWithoutKey: number;
  /** Journals that go on in the store and not in the tree. */
  readonly stopped: readonly StoppedJournal[];
  /** Whose journals lost their end, or a batch in the middle, on this device. */
  readonly damagedJournals: readonly string[];
  /** Who asks to join and waits for a person. */
  readonly waiting: readonly { readonly name: string; readonly role: Role }[];
}

export interface SelfFacts {
  readonly name: string;
  /** False when it was sent away: nothing new is sealed for it, and nobody sends it anything. */
  readonly active: boolean;
  /** Statements about members that are not on its disk any more. */
  readonly statementsLost: number;
}

/** What the author of a journal is now. */
export type Standing = Role | 'sent-away' | 'lost' | 'nobody';

export interface StoppedJournal {
  readonly author: string;
  readonly standing: Standing;
  /** The last batch that counts. */
  readonly sequence: number;
  readonly batches: number;
  readonly why: 'no-key' | 'forked' | 'elsewhere' | 'cut-off' | 'no-right';
}

export function memberReasons({ self, waiting }: WhyMembers): readonly Weighed[] {
  const reasons: Weighed[] = [];
  if (!self.active) {
    reasons.push({
      code: 'sent-away',
      gravity: 'attention',
      message: `${self.name} was sent away: it hears of no changes any more, and gets no new keys`,
      next: 'ask an admin for a ticket, and join with it from an empty home; vaultd join',
    });
  }
  if (self.statementsLost > 0) {
    reasons.push({
      code: 'members-log-gaps',
      gravity: 'attention',
      message:
        'who may write is not known for sure here: statements about members were lost on this disk',
      next: 'connect another device: it sends what is missing',
    });
  }
  for (const { name, role } of waiting) {
    reasons.push({
      code: 'approval-wanted',
      gravity: 'ok',
      message: `${name} wants to join as ${role} and has nothing of it before an admin agrees`,
      next: 'vault approve shows the words to compare',
    });
  }
  return reasons;
}

export function keyReasons({ filesWithoutKey, self }: WhyMembers): readonly Weighed[] {
  if (filesWithoutKey === 0) return [];
  const message = `${self.name} does not have the key of ${formatCount(filesWithoutKey, 'file')}${whyNoKey(self)}`;
  return [{ code: 'no-key', gravity: 'attention', message, next: nextForKey(self) }];
}

export function journalReasons({ stopped, self, damagedJournals }: WhyMembers): readonly Weighed[] {
  return [
    ...stopped.map((journal) => stoppedReason(journal, self)),
    ...damagedJournals.map((author): Weighed => ({
      code: 'journal-damaged',
      gravity: 'attention',
      message: `a journal of ${author} lost batches on this device's disk`,
      subject: author,
      next: 'check the disk; another device sends what is missing when it is connected',
    })),
  ];
}

function stoppedReason(journal: StoppedJournal, self: SelfFacts): Weighed {
  const { author, sequence, batches } = journal;
  const what = `${formatCount(batches, 'batch', 'batches')} of changes by ${author} after its batch ${String(sequence)}`;
  return { gravity: 'attention', subject: author, ...wordsFor(journal, what, self) };
}

function wordsFor(
  { author, sequence, standing, why }: StoppedJournal,
  what: string,
  self: SelfFacts,
): Pick<Reason, 'code' | 'message' | 'next'> {
  switch (why) {
    case 'no-key':
      return {
        code: 'no-key',
        message: `${what} cannot be read here: ${self.name} does not have the key${whyNoKey(self)}`,
        next: nextForKey(self),
      };
    case 'forked':
      return {
        code: 'journal-forked',
        message: `${what} do not count: its journal has two branches, as after a restored backup, and waits for a choice`,
        next: 'vault journal list shows the branches; an admin names one with vault journal choose',
      };
    case 'elsewhere':
      return {
        code: 'branch-elsewhere',
        message: `changes by ${author} after its batch ${String(sequence)} are missing: the branch of its journal that was chosen is not here`,
        next: 'connect a device that has it; vault peers shows who is away',
      };
    case 'cut-off':
    case 'no-right':
      return notCounting(author, what, standing);
  }
}

function notCounting(
  author: string,
  what: string,
  standing: Standing,
): Pick<Reason, 'code' | 'message' | 'next'> {
  switch (standing) {
    case 'sent-away':
    case 'lost':
      return {
        code: 'author-sent-away',
        message: `${what} do not count: ${author} was sent away${standing === 'lost' ? ' as lost' : ''}, and they came after the line that was drawn`,
        next: `vault journal list shows what is hidden; an admin moves the line with vault revoke --until all ${shellWord(author)}`,
      };
    case 'reader':
    case 'blind':
      return {
        code: 'author-reads-only',
        message: `${what} do not count: ${author} is ${standing === 'reader' ? 'a reader' : 'blind'} and may not write`,
        next: `an admin lets it write, and what it wrote counts, with vault role ${shellWord(author)} writer`,
      };
    case 'writer':
    case 'admin':
    case 'nobody':
      return {
        code: 'author-unknown',
        message: `${what} do not count: what admitted ${author} does not count`,
        next: 'vault members shows who there is; an admin invites it anew',
      };
  }
}

function whyNoKey({ active }: SelfFacts): string {
  return active ? '; it was not given this one when it joined, or became a reader' : '';
}

function nextForKey({ active }: SelfFacts): string {
  return active
    ? 'connect a device that has the key; vault peers shows who is away, and vault keys rotate on an admin makes a new one'
    : 'nobody gives it one: ask an admin for a ticket, and join with it from an empty home';
}
