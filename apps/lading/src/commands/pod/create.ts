// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { PodOptions } from '@lading/engine';
import { quote } from '@lading/go-template';
import { openCidFile } from '../../container/cid-file.ts';
import { ensureDefaultNetwork } from '../../container/default-network.ts';
import { withEngine } from '../../engine.ts';
import { checkDns, parseHost, requireValue } from '../../options/container-options.ts';
import { pairsToRecord } from '../../options/key-value.ts';
import { readNetwork } from '../../options/networks.ts';
import { readPublishFlags } from '../../options/ports.ts';
import { parseSize } from '../../options/size.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const options = await readPodOptions(call);
  const idFile = await openCidFile(flags.string('pod-id-file'), environment.cwd);
  return withEngine(call, async ({ pods }) => {
    if ((options.network ?? 'default') === 'default') await ensureDefaultNetwork(call);
    if (flags.boolean('replace') && options.name !== undefined) {
      await pods.remove(options.name, { force: true, ignoreMissing: true });
    }
    const { id } = await pods.run(options, { signal: environment.signal });
    await idFile.write(id);
    await environment.stdout(`${id}\n`);
    return 0;
  });
}

async function readPodOptions({ args, flags }: CommandCall): Promise<PodOptions> {
  const text = (name: string): string | undefined => flags.string(name) || undefined;
  const [word] = args;
  if (word !== undefined && text('name') !== undefined) throw usageError('cannot name a pod twice');
  const name = word ?? text('name');
  if (flags.boolean('replace') && name === undefined) {
    throw usageError('cannot replace pod without --name being set');
  }
  const network = readNetwork(flags);
  const hostname = text('hostname');
  const cgroupParent = text('cgroup-parent');
  const portMappings = await readPublishFlags(flags.strings('publish'));
  return {
    ...(name === undefined ? {} : { name }),
    ...(network === undefined ? {} : { network }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(cgroupParent === undefined ? {} : { cgroupParent }),
    ...(portMappings.length === 0 ? {} : { portMappings }),
    namespaces: readShared(flags.string('share') ?? ''),
    labels: pairsToRecord(flags.strings('label')),
    dns: { servers: flags.strings('dns').map(checkDns) },
    extraHosts: flags.strings('add-host').map(parseHost),
    sysctls: Object.fromEntries(flags.strings('sysctl').map((pair) => requireValue('sysctl', pair))),
    shmSizeBytes: flags.given('shm-size') ? parseSize(flags.string('shm-size') ?? '') : 65_536_000,
  };
}

function readShared(text: string): NonNullable<PodOptions['namespaces']> {
  const kinds = new Set(text.split(',').filter((kind) => kind !== ''));
  for (const kind of kinds) {
    if (!['ipc', 'net', 'pid', 'uts'].includes(kind)) {
      throw usageError(`invalid kernel namespace to share: ${quote(kind)}: use ipc, net, uts and pid`);
    }
  }
  for (const kind of ['ipc', 'net', 'uts']) {
    if (!kinds.has(kind)) {
      throw usageError(
        `--share without ${kind} is not supported: pods share ipc, net and uts, and may share pid`,
      );
    }
  }
  return kinds.has('pid') ? { pid: 'pod' } : {};
}
