/** The call that explains a path. */
import type { WhyReport } from '../../protocol/control/reports.ts';
import { pathRequest } from '../../protocol/messages/control.ts';
import { parsePath } from '../vault/path.ts';
import { explainPath, type WhyParts } from '../vault/why.ts';
import type { Call, ControlContext } from './context.ts';
import { sendReport } from './send-report.ts';

export async function handleWhy(context: ControlContext, call: Call): Promise<void> {
  const path = parsePath(pathRequest.fromWire(call.request).path);
  const report: WhyReport = await explainPath(partsOf(context), path, call.stream.signal);
  await sendReport(call.stream, report);
}

function partsOf({
  vault,
  members,
  anchor,
  desk,
  mounts,
  journals,
  peers,
  facts,
  clock,
}: ControlContext): WhyParts {
  const { members: all, cutoffs } = members.current();
  const active = [...all.values()].filter((member) => member.active);
  const keyring = members.keyring();
  return {
    ...vault.parts,
    clock,
    device: facts.device,
    members: active.map(({ device, role }) => ({ device, role, name: members.nameOf(device) })),
    book: peers.book(),
    journals: () => journals.rows(),
    mountAbout: (path, node) => mounts.about(path, node),
    hasKey: (epoch: Parameters<typeof keyring.epoch>[0]) => keyring.epoch(epoch) !== undefined,
    readsNames: keyring.vault !== undefined,
    self: {
      name: members.nameOf(facts.device),
      active: all.get(facts.device)?.active === true,
      statementsLost: anchor.lostFrom(members.log()),
    },
    waiting: desk.approvals.rows(),
    standingOf(device) {
      const member = all.get(device);
      if (member === undefined) return 'nobody';
      if (member.active) return member.role;
      return cutoffs.get(device)?.reason === 'lost' ? 'lost' : 'sent-away';
    },
  };
}
