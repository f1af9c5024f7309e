/** What a path keeps of its past: the rules, what would go by them, letting it go, and the space of it. */
import { formatBytes, formatCount } from '../../../../protocol/text/format.ts';
import { escapeText } from '../../../../protocol/text/escape.ts';
import { formatRetention, parseRetention } from '../../../../protocol/text/retention-rule.ts';
import type { Action, ActionIo, Confirmation, Outcome } from '../../../keymap/action.ts';
import { showReport } from '../../../keymap/report.ts';
import type { State } from '../../../state/state.ts';
import { selectedPath } from '../lists.ts';
import { pathKey, pathOfKey, pathText, pathWords } from '../paths.ts';
import { done, filesAction, filesOf } from './common.ts';

const ruleHint =
  'keep-last=N keep-hourly=N keep-daily=N keep-weekly=N keep-monthly=N keep-yearly=N keep-within=90d trash-days=N';

function pathOf(state: State): Buffer {
  return selectedPath(filesOf(state)) ?? filesOf(state).directory;
}

/** The rule as options of the command line. */
function ruleWords(rule: string): readonly string[] {
  return rule
    .split(' ')
    .filter((word) => word !== '')
    .flatMap((word) => {
      const [name = '', value = ''] = word.split('=');
      return [`--${name}`, value];
    });
}

function report(parts: {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly words: (state: State) => readonly string[];
}): Action {
  const { id, key, title, words } = parts;
  return filesAction({
    ...{ id: `files.${id}`, title, keys: [key], group: 'show' },
    command: words,
    run: (io) => showReport(io, title, words(io.state())),
  });
}

export const retentionActions: readonly Action[] = [
  report({
    id: 'retention',
    key: 'K k',
    title: 'What is kept of its past, and which rule says so',
    words: (state) => ['retention', 'show', ...pathWords(pathOf(state))],
  }),
  filesAction({
    id: 'files.retention-set',
    title: 'Say what it keeps of its past',
    keys: ['K s'],
    group: 'change',
    changes: true,
    fields: (state) => [{ label: `rule of ${pathText(pathOf(state))}`, hint: ruleHint }],
    command: (state, [rule = '']) => [
      ...['retention', 'set', ...pathWords(pathOf(state))],
      ...ruleWords(rule),
    ],
    run: (io, [typed = '']) => setRule(io, formatRetention(parseRetention(typed))),
  }),
  filesAction({
    id: 'files.retention-unset',
    title: 'Take its rule away: the rule above decides',
    keys: ['K u'],
    group: 'change',
    changes: true,
    command: (state) => ['retention', 'unset', ...pathWords(pathOf(state))],
    run: (io) => setRule(io, ''),
  }),
  report({
    id: 'forget-dry-run',
    key: 'K n',
    title: 'What would go by the rules, and how much comes back',
    words: (state) => ['forget', '--dry-run', ...pathWords(pathOf(state))],
  }),
  filesAction({
    id: 'files.forget',
    title: 'Let old versions go for good that no rule keeps',
    keys: ['K f'],
    group: 'change',
    changes: true,
    look: lookAtForgetting,
    command: (state, args) => ['forget', ...pathWords(lookedAt(state, args))],
    run: forget,
  }),
  report({
    id: 'gc-dry-run',
    key: 'K g',
    title: 'What space of what went could be freed, and what waits for whom',
    words: () => ['gc', '--dry-run'],
  }),
  filesAction({
    id: 'files.gc',
    title: 'Give the space of what went back, on this device',
    keys: ['K c'],
    group: 'change',
    changes: true,
    confirm: () => ({
      title: 'Give the space of what went back now?',
      detail: ['The agent does so by itself, slowly. Files that hold little else are rewritten.'],
    }),
    command: () => ['gc'],
    run: collect,
  }),
  report({
    id: 'fold-dry-run',
    key: 'K o',
    title: 'What could be folded of old history, and what holds it up',
    words: () => ['retention', 'fold', '--dry-run'],
  }),
  filesAction({
    id: 'files.fold',
    title: 'Have all devices agree on what old history amounts to',
    keys: ['K O'],
    group: 'change',
    changes: true,
    confirm: () => ({
      title: 'Have all devices agree on what old history amounts to?',
      detail: [
        'A checkpoint is issued over it, which every device that may write looks at by itself.',
      ],
    }),
    command: () => ['retention', 'fold'],
    run: fold,
  }),
];

async function setRule(io: ActionIo, rule: string): Promise<Outcome> {
  const path = pathOf(io.state());
  const client = io.client();
  const { own } = await client.retention({ path });
  await client.retentionSet({ path, rule });
  const words = pathWords(path);
  return done(
    rule === '' ? `${pathText(path)} has no rule of its own` : `${pathText(path)} keeps ${rule}`,
    {
      undo: {
        title: `the rule of ${pathText(path)} as it was`,
        command:
          own === null
            ? ['retention', 'unset', ...words]
            : ['retention', 'set', ...words, ...ruleWords(own)],
        run: async (agent) => void (await agent.retentionSet({ path, rule: own ?? '' })),
      },
    },
  );
}

async function lookAtForgetting(io: ActionIo): Promise<Confirmation> {
  const path = pathOf(io.state());
  const { versions, kept, bytes, rows } = await io.task('Looking what would go', ({ client }) =>
    client.forget({ path, dryRun: true }),
  );
  const going = rows.filter(({ fate }) => fate === 'goes');
  const shown = going.slice(0, 6).map((row) => `${escapeText(row.path)}  ${formatBytes(row.size)}`);
  return {
    title: `Let old versions of ${pathText(path)} go for good?`,
    detail: [
      ...shown,
      ...(versions > shown.length ? [`and ${String(versions - shown.length)} more`] : []),
      `${formatCount(versions, 'version')} would go, ${String(kept)} stay; ${formatBytes(bytes)} come back.`,
    ],
    word: 'forget',
    args: [pathKey(path)],
  };
}

/** The path that was looked at, as `pathKey` writes it. */
function lookedAt(state: State, [key]: readonly string[]): Buffer {
  return key === undefined ? pathOf(state) : pathOfKey(key);
}

async function forget(io: ActionIo, args: readonly string[]): Promise<Outcome> {
  const path = lookedAt(io.state(), args);
  const { versions, bytes } = await io.task('Letting old versions go', ({ client }) =>
    client.forget({ path, dryRun: false }),
  );
  if (versions === 0) return done('Nothing went: the rules keep all of it');
  return done(
    `${formatCount(versions, 'version')} went; ${formatBytes(bytes)} come back when all devices have agreed`,
    { kind: 'warning' },
  );
}

async function collect(io: ActionIo): Promise<Outcome> {
  const { chunks, freedBytes, stopped } = await io.task('Giving space back', ({ client }) =>
    client.collect({ dryRun: false }),
  );
  const text = `${formatCount(chunks, 'chunk')} dropped, ${formatBytes(freedBytes)} of files given back`;
  if (stopped === null) return done(text);
  return done(`${text}; it stopped: ${escapeText(stopped)}`, { kind: 'warning' });
}

async function fold(io: ActionIo): Promise<Outcome> {
  const { checkpoint, issued } = await io.task('Looking at old history', ({ client }) =>
    client.fold({ dryRun: false }),
  );
  if (checkpoint === null) return done('There is nothing to fold: no checkpoint was issued');
  const what = `The checkpoint over ${formatCount(checkpoint.batches, 'batch', 'batches')}`;
  const waits = checkpoint.waitsFor.map(({ name }) => escapeText(name)).join(', ');
  if (checkpoint.isAgreed) return done(`${what} is agreed to`);
  return done(`${what}${issued === null ? '' : ' was issued, and'} waits for ${waits}`);
}
