// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, type Flags, usageError } from '@lading/command-line';
import type { PodOptions } from '@lading/engine';
import { readBlockFlags } from './block-io.ts';
import { checkDns, parseHost } from './container-options.ts';
import { readDevices } from './devices.ts';
import { readLabels } from './label-files.ts';
import { readLimitFlags, withSwap } from './limits.ts';
import { readMountFlags } from './mounts.ts';
import { readNetworks } from './networks.ts';
import { hasInfra, readPodNamespaces } from './pod-namespaces.ts';
import { readPublishFlags } from './ports.ts';
import { readSecurityOptions } from './security.ts';
import { parseSize } from './size.ts';
import { parseSysctl } from './sysctls.ts';
import { readUserNamespace } from './user-namespace.ts';

/** What the flags of `pod create` say of a pod, or those of them that `pod clone` has. */
export async function readPodOptions(call: CommandCall): Promise<PodOptions> {
  const { flags, environment } = call;
  const hostname = flags.string('hostname') || undefined;
  const cgroupParent = flags.string('cgroup-parent') || undefined;
  const monitorPidFile = flags.string('infra-conmon-pidfile') || undefined;
  const portMappings = await readPublishFlags(flags.strings('publish'));
  const networks = readPodNetworks(flags);
  checkPorts(call, portMappings.length, networks.network);
  const namespaces = readPodNamespaces(flags);
  if (hostname !== undefined && namespaces.uts === 'host') {
    throw usageError('cannot set hostname when running in the host UTS namespace');
  }
  return {
    ...networks,
    ...(hostname !== undefined && { hostname }),
    ...(cgroupParent !== undefined && { cgroupParent: resolve('/', cgroupParent) }),
    ...(monitorPidFile !== undefined && { monitorPidFile: resolve(environment.cwd, monitorPidFile) }),
    ...(portMappings.length > 0 && { portMappings }),
    ...(await readPodMaps(flags)),
    namespaces,
    exitPolicy: readExitPolicy(flags),
    resources: { ...(await withSwap(readLimitFlags(flags))), ...readBlockFlags(flags) },
    labels: await readLabels(call),
    dns: {
      servers: flags.strings('dns').map(checkDns),
      searches: flags.strings('dns-search'),
      options: flags.strings('dns-option'),
    },
    extraHosts: readHosts(flags),
    sysctls: Object.fromEntries(flags.strings('sysctl').map(parseSysctl)),
    shmSizeBytes: flags.given('shm-size') ? parseSize(flags.string('shm-size') ?? '') : 65_536_000,
    containerDefaults: {
      ...readSecurityOptions(flags.strings('security-opt'), environment.cwd),
      ...(flags.boolean('no-hosts') && { keepHosts: true }),
      devices: await readDevices(flags.strings('device')),
      mounts: await readMountFlags(call),
    },
  };
}

function readPodNetworks(flags: Flags): Pick<PodOptions, 'network' | 'networks'> {
  const { network, networks } = readNetworks(flags);
  if (network !== undefined && /^(container|ns):/.test(network)) {
    throw usageError(
      `a pod cannot be on the network ${network}: use bridge, host, none or the name of a network`,
    );
  }
  return { ...(network !== undefined && { network }), ...(networks !== undefined && { networks }) };
}

function checkPorts({ flags }: CommandCall, ports: number, network = 'default'): void {
  if (!hasInfra(flags) && ports > 0) {
    throw usageError('you must have an infra container to publish port bindings to the host');
  }
  if (!hasInfra(flags) && flags.strings('dns').length > 0) {
    throw usageError('NoInfra and DNSServer are mutually exclusive pod options: invalid pod spec');
  }
  if (ports > 0 && (network === 'host' || network === 'none')) {
    throw usageError(`ports cannot be published on the network ${network}: use a bridge network`);
  }
}

async function readPodMaps(flags: Flags): Promise<Pick<PodOptions, 'autoIdMaps' | 'idMaps'>> {
  const { idMaps, namespaces } = await readUserNamespace(flags);
  if (namespaces !== undefined) {
    throw usageError(
      'a pod cannot have the ids of a container that is not in it: use --userns auto, or --uidmap',
    );
  }
  if (idMaps === undefined) return {};
  return 'auto' in idMaps ? { autoIdMaps: idMaps.auto } : { idMaps };
}

function readExitPolicy(flags: Flags): 'continue' | 'stop' {
  const policy = flags.string('exit-policy') ?? 'continue';
  if (policy === 'continue' || policy === 'stop') return policy;
  throw usageError(`invalid pod exit policy: "${policy}": use continue or stop`);
}

function readHosts(flags: Flags): NonNullable<PodOptions['extraHosts']> {
  const texts = flags.strings('add-host');
  if (texts.length > 0 && flags.boolean('no-hosts')) {
    throw usageError('--no-hosts and --add-host cannot be set together');
  }
  return texts.map(parseHost);
}
