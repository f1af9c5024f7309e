/** The notes between devices, and who hears of new ones. */
import type { DeviceIdentity } from '../members/identity.ts';
import type { Ports } from '../ports.ts';
import type { MembersService } from '../vault/members-service.ts';
import { NoteBoard, type NoteParts } from '../vault/notes.ts';
import type { Publisher } from '../vault/publisher.ts';
import type { Teller } from './tell-events.ts';

export function createNotes(
  base: Pick<NoteParts, 'tree' | 'history'> & {
    readonly identity: DeviceIdentity;
    readonly members: MembersService;
    readonly ports: Pick<Ports, 'random'>;
    readonly tell: Pick<Teller, 'note'>;
  },
  publisher: Publisher,
): NoteBoard {
  const { identity, members, tree, history, ports, tell } = base;
  return new NoteBoard({
    ...{ identity, members, tree, history, publisher, random: ports.random },
    onNote: ({ author, to, about }) => {
      const kind = { sealed: to !== undefined, pinned: about !== undefined };
      tell.note(author, members.nameOf(author), kind);
    },
  });
}
