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
import { mountMapsOf } from './user-namespaces.ts';

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
  return {
    image: imageId,
    pull: 'never',
    name,
    pod: pod.id,
    ...(config.command.length === 0 ? {} : { entrypoint: config.command }),
    ...(config.args.length === 0 ? {} : { command: config.args }),
    env: Object.fromEntries(config.envs.map(({ key, value }) => [key, textOf(key, value)])),
    ...(config.workingDir === '' ? {} : { workdir: config.workingDir }),
    mounts: config.mounts.map((mount) => mountOf(name, mount)),
    devices: config.devices.map(({ hostPath, containerPath, permissions }) => ({
      hostPath,
      ...(containerPath !== '' && { containerPath }),
      ...(permissions !== '' && { permissions }),
    })),
    ...cdiOption(config),
    labels: config.labels,
    annotations: config.annotations,
    stdin: config.stdin,
    stdinOnce: config.stdin && config.stdinOnce,
    terminal: config.tty,
    ...(logPath === '' ? { logDriver: 'none' as const } : { logPath }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...resourceOptions(config.linux?.resources),
    ...(security === undefined ? { seccomp: 'unconfined' as const } : securityOptions(security)),
    metadata: containerMetadata(config, logPath),
  };
}

/** Those of the field, and of the annotations that older kubelets and device plugins use. */
function cdiOption({ CDIDevices, annotations }: ContainerConfig): Pick<ContainerOptions, 'cdiDevices'> {
  const annotated = Object.entries(annotations)
    .filter(([key]) => key.startsWith('cdi.k8s.io/'))
    .flatMap(([, names]) => names.split(',').map((name) => name.trim()));
  const names = [...CDIDevices.map(({ name }) => name), ...annotated];
  return names.length === 0 ? {} : { cdiDevices: [...new Set(names)] };
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
  if (path.includes('\0')) throw new LadingError(Code.InvalidArgument, 'log_path holds a NUL');
  // A log path leads out of the pod's log folder only by mistake or malice.
  if (isAbsolute(config.logPath) || !path.startsWith(`${normalize(kept.logDirectory).replace(/\/$/, '')}/`)) {
    throw new LadingError(
      Code.InvalidArgument,
      `log_path "${config.logPath}" leaves the log directory ${kept.logDirectory}`,
    );
  }
  return path;
}

const propagations: Readonly<Record<number, string>> = {
  [MountPropagation.PROPAGATION_PRIVATE]: 'rprivate',
  [MountPropagation.PROPAGATION_HOST_TO_CONTAINER]: 'rslave',
  [MountPropagation.PROPAGATION_BIDIRECTIONAL]: 'rshared',
};

/** Those of a mount itself; whether it can be written and how it spreads is said by fields of their own. */
const mountFlags: ReadonlySet<string> = new Set([
  ...['noexec', 'nodev', 'nosuid', 'exec', 'dev', 'suid'],
  ...['noatime', 'atime', 'nodiratime', 'diratime', 'relatime', 'norelatime', 'strictatime', 'nostrictatime'],
  ...['nosymfollow', 'symfollow'],
]);

function mountOf(container: string, mount: Mount): ContainerMount {
  const { image, imageSubPath, hostPath, containerPath: target, mountOptions } = mount;
  const refuse = (why: string): LadingError =>
    new LadingError(Code.InvalidArgument, `container ${container}: the mount at ${target} ${why}`);
  if (`${hostPath}${target}`.includes('\0')) throw refuse('has a path with a NUL');
  const strange = mountOptions.find((option) => !mountFlags.has(option));
  if (strange !== undefined) {
    throw refuse(`has the option ${JSON.stringify(strange)}, which is none of ${[...mountFlags].join(', ')}`);
  }
  if (image !== undefined) {
    if (hostPath !== '') throw refuse('has both an image and a path of the host');
    if (image.image === '') throw refuse('has an image without a name');
    if (!mount.readonly) throw refuse('is of an image, which is for reading only: set readonly');
    if (isAbsolute(imageSubPath) || imageSubPath.split('/').includes('..')) {
      throw refuse('has a sub-path that leaves the image');
    }
    return {
      type: 'image',
      source: image.image,
      target,
      options: mountOptions,
      ...(imageSubPath !== '' && { subPath: imageSubPath }),
    };
  }
  if (imageSubPath !== '') throw refuse('has a sub-path without an image');
  if (mount.recursiveReadOnly && mount.propagation !== MountPropagation.PROPAGATION_PRIVATE) {
    throw refuse('is read-only to its depth, which needs private propagation');
  }
  return {
    type: 'bind',
    source: hostPath,
    target,
    readOnly: mount.readonly,
    ...(mount.recursiveReadOnly && { recursiveReadOnly: true }),
    ...mountMapsOf(`container ${container}: the mount at ${target}`, mount),
    options: [propagations[mount.propagation] ?? 'rprivate', ...mountOptions],
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
    ...(resources.hugepageLimits.length > 0 && {
      hugepages: resources.hugepageLimits.map(({ pageSize, limit }) => ({
        pageSize,
        limitBytes: safeNumber(`hugepage limit of ${pageSize}`, limit),
      })),
    }),
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
    ...(security.supplementalGroupsPolicy === SupplementalGroupsPolicy.Strict && {
      groupsPolicy: 'strict' as const,
    }),
    privileged: security.privileged,
    capabilities: {
      add: security.capabilities?.addCapabilities ?? [],
      drop: security.capabilities?.dropCapabilities ?? [],
      ambient: security.capabilities?.addAmbientCapabilities ?? [],
    },
    readOnlyRootfs: security.readonlyRootfs,
    noNewPrivileges: security.noNewPrivs,
    seccomp: seccompOf(security),
    ...apparmorOf(security),
    // As the kubelet means it: it always sends the lists, and empty ones for an unmasked /proc.
    ...(security.privileged
      ? {}
      : { maskedPaths: security.maskedPaths, readonlyPaths: security.readonlyPaths }),
    ...(modes === undefined ? {} : { namespaces: { pid: pidChoice(modes.pid, modes.targetId) } }),
  };
}

/** The kubelet always says which; a client that does not gets what the interface means by that, which is none. */
function seccompOf({
  seccomp,
  seccompProfilePath,
}: LinuxContainerSecurityContext): NonNullable<ContainerOptions['seccomp']> {
  if (seccomp === undefined) return fromOldSeccomp(seccompProfilePath);
  if (seccomp.profileType === ProfileType.RuntimeDefault) return 'default';
  if (seccomp.profileType === ProfileType.Unconfined) return 'unconfined';
  return { path: profilePath(seccomp.localhostRef) };
}

/** The field of kubelets before 1.19. */
function fromOldSeccomp(text: string): NonNullable<ContainerOptions['seccomp']> {
  if (text === 'runtime/default' || text === 'docker/default') return 'default';
  return text.startsWith('localhost/')
    ? { path: profilePath(text.slice('localhost/'.length)) }
    : 'unconfined';
}

function profilePath(path: string): string {
  if (isAbsolute(path)) return path;
  throw new LadingError(Code.InvalidArgument, `the seccomp profile "${path}" is not an absolute path`);
}

function apparmorOf({
  apparmor,
  apparmorProfile,
}: LinuxContainerSecurityContext): Pick<ContainerOptions, 'apparmor'> {
  const isLocal = apparmor?.profileType === ProfileType.Localhost;
  const named = isLocal ? apparmor.localhostRef : apparmorProfile;
  const profile = named.replace(/^localhost\//, '');
  if (isLocal && profile === '') {
    throw new LadingError(Code.InvalidArgument, 'apparmor.localhost_ref names no profile');
  }
  if (apparmor?.profileType === ProfileType.Unconfined || profile === 'unconfined') {
    return { apparmor: 'unconfined' };
  }
  const isDefault = profile === '' || profile === 'runtime/default';
  return isDefault || (apparmor !== undefined && !isLocal) ? {} : { apparmor: { profile } };
}

function pidChoice(mode: NamespaceMode, targetId: string): NamespaceChoice {
  if (mode === NamespaceMode.NODE) return 'host';
  if (mode === NamespaceMode.TARGET) return `container:${targetId}`;
  return mode === NamespaceMode.POD ? 'pod' : 'private';
}
