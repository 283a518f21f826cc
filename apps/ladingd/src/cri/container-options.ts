// SPDX-License-Identifier: Apache-2.0
import { isAbsolute, join, normalize } from 'node:path';
import {
  type ContainerConfig,
  type LinuxContainerResources,
  type LinuxContainerSecurityContext,
  type Mount,
  MountPropagation,
  NamespaceMode,
  ProfileType,
  SupplementalGroupsPolicy,
} from '@lading/cri-api';
import type {
  ContainerMount,
  ContainerOptions,
  NamespaceChoice,
  PodInfo,
  ResourceLimits,
} from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { containerMetadata, type PodMetadata } from './metadata.ts';
import { containerName } from './names.ts';
import { signalName } from './signals.ts';

/** What the engine makes of a container config; `imageId` is the image that the config's name was resolved to. */
export function containerOptions(
  config: ContainerConfig,
  pod: Pick<PodInfo, 'id'>,
  kept: PodMetadata,
  imageId: string,
): ContainerOptions {
  const name = containerName(config.metadata, kept.metadata);
  const security = config.linux?.securityContext;
  const logPath = logPathOf(config, kept);
  const stopSignal = signalName(config.stopSignal);
  refuseUnsupported(name, config, security);
  return {
    image: imageId,
    pull: 'never',
    name,
    pod: pod.id,
    ...(config.command.length === 0 ? {} : { entrypoint: config.command }),
    ...(config.args.length === 0 ? {} : { command: config.args }),
    env: Object.fromEntries(config.envs.map(({ key, value }) => [key, textOf(key, value)])),
    ...(config.workingDir === '' ? {} : { workdir: config.workingDir }),
    mounts: config.mounts.map(mountOf),
    devices: config.devices.map(({ hostPath, containerPath, permissions }) => ({
      hostPath,
      containerPath,
      permissions,
    })),
    labels: config.labels,
    annotations: config.annotations,
    stdin: config.stdin,
    stdinOnce: config.stdin && config.stdinOnce,
    terminal: config.tty,
    ...(logPath === '' ? { logDriver: 'none' as const } : { logPath }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...resourceOptions(config.linux?.resources),
    ...(security === undefined ? {} : securityOptions(security)),
    metadata: containerMetadata(config, logPath),
  };
}

function refuseUnsupported(
  name: string,
  config: ContainerConfig,
  security: LinuxContainerSecurityContext | undefined,
): void {
  const unsupported: [boolean, string][] = [
    [config.CDIDevices.length > 0, 'CDI devices'],
    [config.mounts.some((mount) => mount.image !== undefined), 'image volumes'],
    [config.mounts.some((mount) => mount.recursiveReadOnly), 'recursive read-only mounts'],
    [
      config.mounts.some((mount) => mount.uidMappings.length + mount.gidMappings.length > 0),
      'id-mapped mounts',
    ],
    [security?.seccomp?.profileType === ProfileType.Localhost, 'seccomp profiles from files'],
    [security?.apparmor?.profileType === ProfileType.Localhost, 'AppArmor profiles from files'],
    // Without these a process would have rights that it was not to have, or lack some that it was promised.
    [
      security?.supplementalGroupsPolicy === SupplementalGroupsPolicy.Strict,
      'strict supplemental groups (those of the image are always added)',
    ],
    [(security?.capabilities?.addAmbientCapabilities.length ?? 0) > 0, 'ambient capabilities'],
  ];
  for (const [asked, what] of unsupported) {
    if (asked) throw new LadingError(Code.Unimplemented, `container ${name}: ${what} are not supported yet`);
  }
}

/** Bytes over the wire, but the runtime spec has no way to write any that are not UTF-8. */
function textOf(key: string, value: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch (cause) {
    throw new LadingError(Code.InvalidArgument, `the value of variable ${key} is not UTF-8`, { cause });
  }
}

function logPathOf(config: ContainerConfig, kept: PodMetadata): string {
  if (config.logPath === '' || kept.logDirectory === '') return '';
  const path = join(kept.logDirectory, config.logPath);
  // A log path leads out of the pod's log folder only by mistake or malice.
  if (isAbsolute(config.logPath) || !path.startsWith(`${normalize(kept.logDirectory).replace(/\/$/, '')}/`)) {
    throw new LadingError(
      Code.InvalidArgument,
      `log_path "${config.logPath}" leaves the log directory ${kept.logDirectory}`,
    );
  }
  return path;
}

function mountOf(mount: Mount): ContainerMount {
  const propagation =
    mount.propagation === MountPropagation.PROPAGATION_BIDIRECTIONAL
      ? 'rshared'
      : mount.propagation === MountPropagation.PROPAGATION_HOST_TO_CONTAINER
        ? 'rslave'
        : 'rprivate';
  return {
    type: 'bind',
    source: mount.hostPath,
    target: mount.containerPath,
    readOnly: mount.readonly,
    options: [propagation, ...mount.mountOptions],
  };
}

function resourceOptions(
  resources: LinuxContainerResources | undefined,
): Pick<ContainerOptions, 'resources' | 'oomScoreAdj'> {
  if (resources === undefined) return {};
  return { resources: resourceLimits(resources), oomScoreAdj: Number(resources.oomScoreAdj) };
}

/**
 * Zero and the empty string stand for "not given".
 *
 * @throws LadingError `invalid_argument` for a number that cannot be kept exactly
 */
export function resourceLimits(resources: LinuxContainerResources): ResourceLimits {
  const numbers = {
    memoryBytes: resources.memoryLimitInBytes,
    memorySwapBytes: resources.memorySwapLimitInBytes,
    cpuShares: resources.cpuShares,
    cpuQuotaUs: resources.cpuQuota,
    cpuPeriodUs: resources.cpuPeriod,
  };
  const given = Object.entries(numbers).filter(([, value]) => value !== 0n);
  return {
    ...Object.fromEntries(given.map(([key, value]) => [key, safeNumber(key, value)])),
    ...(resources.cpusetCpus === '' ? {} : { cpusetCpus: resources.cpusetCpus }),
    ...(resources.cpusetMems === '' ? {} : { cpusetMems: resources.cpusetMems }),
    ...(Object.keys(resources.unified).length === 0 ? {} : { unified: resources.unified }),
  };
}

function safeNumber(key: string, value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new LadingError(Code.InvalidArgument, `${key} ${value} is out of range; for no limit give -1`);
}

function securityOptions(security: LinuxContainerSecurityContext): Partial<ContainerOptions> {
  const modes = security.namespaceOptions;
  const user = security.runAsUser !== undefined ? String(security.runAsUser.value) : security.runAsUsername;
  if (security.runAsGroup !== undefined && user === '') {
    throw new LadingError(Code.InvalidArgument, 'run_as_group needs run_as_user or run_as_username');
  }
  const group = security.runAsGroup === undefined ? '' : `:${security.runAsGroup.value}`;
  return {
    ...(user === '' ? {} : { user: `${user}${group}` }),
    additionalGroups: security.supplementalGroups.map(String),
    privileged: security.privileged,
    capabilities: {
      add: security.capabilities?.addCapabilities ?? [],
      drop: security.capabilities?.dropCapabilities ?? [],
    },
    readOnlyRootfs: security.readonlyRootfs,
    noNewPrivileges: security.noNewPrivs,
    ...(security.seccomp?.profileType === ProfileType.Unconfined && { seccomp: 'unconfined' as const }),
    // As the kubelet means it: it always sends the lists, and empty ones for an unmasked /proc.
    ...(security.privileged
      ? {}
      : { maskedPaths: security.maskedPaths, readonlyPaths: security.readonlyPaths }),
    ...(modes === undefined ? {} : { namespaces: { pid: pidChoice(modes.pid, modes.targetId) } }),
  };
}

function pidChoice(mode: NamespaceMode, targetId: string): NamespaceChoice {
  if (mode === NamespaceMode.NODE) return 'host';
  if (mode === NamespaceMode.TARGET) return `container:${targetId}`;
  return mode === NamespaceMode.POD ? 'pod' : 'private';
}
