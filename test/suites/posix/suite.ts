/** Registers the cases for one kind of folder. */
import type { ExecutionContext, TestFn } from 'ava';
import type { Posix } from '../../helpers/posix/posix.ts';
import { attributeCases } from './attributes.ts';
import type { Case } from './cases.ts';
import { dataCases } from './data.ts';
import { nameCases } from './names.ts';

const all: readonly Case[] = [...nameCases, ...dataCases, ...attributeCases];

/** What holds with a kernel and without one. */
export function posixSuite(
  test: Pick<TestFn, 'serial'>,
  title: string,
  open: (t: ExecutionContext) => Promise<Posix>,
): void {
  for (const { name, run } of all) {
    test.serial(`${title}: ${name}`, async (t) => {
      await run(t, await open(t));
    });
  }
}

/** Runs cases one after the other in one test, all of them, and fails with the names of those that failed. */
export async function runCases<Folder extends Posix>(
  t: ExecutionContext,
  cases: readonly Case<Folder>[],
  { open }: { readonly open: (name: string) => Folder },
): Promise<void> {
  const failed: string[] = [];
  for (const { name, run } of cases) {
    const outcome = await t.try(name, (inner) => run(inner, open(name)));
    outcome.discard();
    if (!outcome.passed) failed.push(`${name}: ${outcome.errors.map(whereAndWhat).join('; ')}`);
  }
  t.deepEqual(failed, []);
}

function whereAndWhat(error: Error): string {
  const {
    message,
    stack = '',
    formattedDetails = [],
  } = error as Error & {
    readonly formattedDetails?: readonly { label: string; formatted: string }[];
  };
  const where = /posix\/\w+\.ts:\d+/.exec(stack)?.[0] ?? '';
  const values = formattedDetails.map(({ formatted }) => formatted).join(' ');
  return `${where} ${message} ${values}`;
}

export { all as posixCases };
