/** What the shown view needs, as watches. Pure. */
import { resourceDefinitions } from '../state/resources.ts';
import type { ResourceDefinition, ResourceName } from '../state/resources.ts';
import type { DataMessage } from '../state/message.ts';
import { isLocked } from '../state/locked.ts';
import type { State } from '../state/state.ts';
import { anyView } from '../views/all.ts';
import { viewIds } from '../views/slices.ts';
import type { Watch } from '../views/view.ts';

/** The header shows it whatever the view. */
const always: readonly ResourceName[] = ['status'];

const resourceWatches = new Map(
  (Object.keys(resourceDefinitions) as ResourceName[]).map((name) => [name, resourceWatch(name)]),
);

const statusKey = keyOf('status');

export function watchesOf(state: State): readonly Watch[] {
  const view = anyView(state.view);
  const names = new Set([...always, ...view.needs(state)]);
  const shared = [...names].flatMap((name) => resourceWatches.get(name) ?? []);
  const behind = viewIds.flatMap((id) => anyView(id).background?.(state) ?? []);
  const all = [...shared, ...(view.watches?.(state) ?? []), ...behind];
  return isLocked(state) ? all.map(untilUnlocked) : all;
}

/** Without keys it refuses all but its status, which says when it has them: then everything is read anew. */
function untilUnlocked(watch: Watch): Watch {
  return watch.key === statusKey ? watch : { ...watch, everyMs: undefined };
}

function resourceWatch(name: ResourceName): Watch {
  const definition: ResourceDefinition<unknown> = resourceDefinitions[name];
  const { everyMs, after, watched } = definition;
  return {
    key: keyOf(name),
    everyMs,
    watched,
    after: after === undefined ? undefined : ({ type }) => after.test(type),
    async run(client, { emit, nowMs, first }) {
      const value = await definition.load(client);
      emit({ type: 'data', name, value, atMs: nowMs(), first } as DataMessage);
    },
    failed: (error, atMs) => ({ type: 'data-failed', name, error, atMs }),
  };
}

function keyOf(name: ResourceName): string {
  return `resource:${name}`;
}
