/**
 * That names are in conflict, for `vault status`. Whoever asks for the status waits a moment for what has
 * changed to be looked at, and no longer: the reason comes with a later status then.
 */
import type { Reason } from '../../protocol/control/reports.ts';
import { formatCount } from '../../protocol/text/format.ts';
import { formatPath } from '../vault/path.ts';
import type { ControlContext } from './context.ts';

const waitMs = 10;
/** A status is asked for every second, and whoever writes may make any number of conflicts. */
const pathsMax = 100;

type Sources = Pick<ControlContext, 'conflicts' | 'clock' | 'vault' | 'members'>;

/** Before a status is made. */
export async function glanceAtConflicts(context: Sources): Promise<void> {
  const { conflicts, clock, vault } = context;
  if (!readsNames(context)) return;
  await new Promise<void>((resolve) => {
    const timer = clock.after(waitMs, resolve);
    void conflicts.glance(vault.tree).then(() => {
      timer.cancel();
      resolve();
    });
  });
}

export function conflictReasons(context: ControlContext): readonly Reason[] {
  const { tree } = context.vault;
  const found = readsNames(context) ? (context.conflicts.known(tree) ?? []) : [];
  const paths = found
    .slice(0, pathsMax)
    .map((directory) => tree.pathOf(directory))
    .filter((path) => path !== undefined)
    .map((path) => formatPath(path))
    .sort();
  const [first] = paths;
  if (first === undefined) return [];
  const others = paths.length - 1 + Math.max(0, found.length - pathsMax);
  const more =
    others === 0 ? '' : ` and ${formatCount(others, 'other directory', 'other directories')}`;
  return [
    {
      code: 'conflicts',
      message: `names in ${first}${more} are in conflict and wait for somebody to decide`,
      next: 'vault conflicts shows the versions, vault resolve settles one',
    },
  ];
}

/** A blind device keeps what it cannot read. */
function readsNames({ members }: Sources): boolean {
  return members.keyring().vault !== undefined;
}
