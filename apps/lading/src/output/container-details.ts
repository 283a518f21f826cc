// SPDX-License-Identifier: Apache-2.0
import type { ContainerInfo, ContainerMount, ContainerSecret } from '@lading/engine';
import { capabilities, defaultCapabilities } from '@lading/oci-spec';
import type { HostFiles } from '../inspect/host-files.ts';
import { connectedNetworks } from './connected-networks.ts';
import { hasEnded, stateName } from './container-row.ts';
import { createCommandOf } from './create-command.ts';
import { checkDetails, healthDetails } from './health-details.ts';
import { capabilityName, hostDetails, isPropagation, volumesFirst } from './host-config.ts';
import { portBindings } from './port-bindings.ts';
import { parseSignal } from './signal-name.ts';

const never = '0001-01-01T00:00:00Z';

export interface ContainerDetailsOptions {
  readonly files: HostFiles;
  /** Of the manifest of its image; empty when the image is gone. */
  readonly imageDigest?: string | undefined;
  /** Of volumes, by their names. */
  readonly mountpoints?: ReadonlyMap<string, string>;
  /** Of its image; counts where the container has none of its own. */
  readonly imageEntrypoint?: readonly string[];
  /** Also what a document leaves out, and Go's own names of fields. */
  readonly isTemplate?: boolean;
}

/** What `inspect` shows of a container, in podman's words; Maps where Go has maps. */
export function containerDetails(
  container: ContainerInfo,
  {
    files,
    imageDigest = '',
    mountpoints = new Map(),
    imageEntrypoint = [],
    isTemplate = false,
  }: ContainerDetailsOptions,
): Readonly<Record<string, unknown>> {
  const { process, options } = container;
  return {
    Id: container.id,
    ...(isTemplate && { ID: container.id }),
    Created: container.createdAt,
    Path: process.args[0] ?? '',
    Args: process.args.slice(1),
    State: stateDetails(container, files, isTemplate),
    Image: container.imageId,
    ImageDigest: imageDigest,
    ImageName: container.imageName,
    Rootfs: container.run?.rootfs || (options.rootfs?.path ?? ''),
    Pod: container.podId ?? '',
    ResolvConfPath: files.resolvConf,
    HostnamePath: files.hostname,
    HostsPath: files.hosts,
    StaticDir: container.bundle,
    ...((files.config !== '' || isTemplate) && { OCIConfigPath: files.config }),
    OCIRuntime: container.runtime,
    ConmonPidFile: files.monitorPid,
    PidFile: files.pid,
    Name: container.name,
    RestartCount: container.retries ?? 0,
    Driver: 'overlay',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: [],
    // Memory is in HostConfig.Tmpfs.
    Mounts: volumesFirst(options.mounts)
      .filter(({ type }) => type !== 'tmpfs')
      .map((mount) => mountDetails(mount, mountpoints, isTemplate)),
    Dependencies: options.requires ?? [],
    NetworkSettings: networkDetails(container),
    Namespace: '',
    IsInfra: false,
    IsService: false,
    ...capabilityDetails(container),
    Config: configDetails(container, options.entrypoint ?? imageEntrypoint, isTemplate),
    HostConfig: hostDetails(container, isTemplate),
  };
}

function stateDetails(container: ContainerInfo, { cgroup }: HostFiles, isTemplate: boolean) {
  const { exit, run, startedAt, status } = container;
  return {
    OciVersion: '1.0.2-dev',
    Status: stateName(container),
    Running: status === 'running',
    Paused: status === 'paused',
    Restarting: false,
    OOMKilled: exit?.oomKilled ?? false,
    Dead: false,
    Pid: container.pid,
    ...((run?.monitorPid || isTemplate) && { ConmonPid: run?.monitorPid ?? 0 }),
    ExitCode: hasEnded(container) ? (exit?.exitCode ?? 0) : 0,
    Error: container.error ?? '',
    StartedAt: (status === 'initialized' ? undefined : run?.startedAt) ?? startedAt ?? never,
    FinishedAt: exit?.finishedAt ?? never,
    Health: healthDetails(container),
    ...(isTemplate && { Healthcheck: healthDetails(container) }),
    ...(isTemplate && { Checkpointed: false }),
    ...((container.pid > 0 || isTemplate) && { CgroupPath: container.pid > 0 ? cgroup : '' }),
    CheckpointedAt: never,
    RestoredAt: never,
  };
}

export function mountDetails(
  mount: ContainerMount,
  mountpoints: ReadonlyMap<string, string>,
  isTemplate: boolean,
): Readonly<Record<string, unknown>> {
  return {
    Type: mount.type,
    ...((mount.type === 'volume' || isTemplate) && {
      Name: mount.type === 'volume' ? (mount.name ?? '') : '',
    }),
    Source:
      mount.type === 'bind'
        ? mount.source
        : mount.type === 'volume'
          ? (mountpoints.get(mount.name ?? '') ?? '')
          : '',
    Destination: mount.target,
    Driver: mount.type === 'volume' ? 'local' : '',
    Mode: '',
    Options: mountOptions(mount),
    RW: mount.readOnly !== true,
    Propagation: mount.options?.find(isPropagation) ?? 'rprivate',
  };
}

function mountOptions({ type, options = [] }: ContainerMount): readonly string[] {
  const own = options.filter((option) => !isPropagation(option));
  if (type === 'volume') return ['nosuid', 'nodev', 'rbind', ...own];
  return type === 'bind' ? ['rbind', ...own] : own;
}

function networkDetails(container: ContainerInfo) {
  const { run, options } = container;
  const networks = connectedNetworks(container);
  const [first] = networks.values();
  return {
    EndpointID: '',
    IPv6Gateway: first?.IPv6Gateway ?? '',
    GlobalIPv6Address: first?.GlobalIPv6Address ?? '',
    GlobalIPv6PrefixLen: first?.GlobalIPv6PrefixLen ?? 0,
    Bridge: '',
    SandboxID: '',
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SandboxKey: run?.netnsPath ?? '',
    IPAddress: first?.IPAddress ?? '',
    IPPrefixLen: first?.IPPrefixLen ?? 0,
    Gateway: first?.Gateway ?? '',
    MacAddress: first?.MacAddress ?? '',
    Ports: portBindings(options),
    Networks: networks,
  };
}

function configDetails(
  { id, imageName, options, process, stopSignal, stopTimeoutMs, healthCheck }: ContainerInfo,
  entrypoint: readonly string[],
  isTemplate: boolean,
) {
  const createCommand = createCommandOf(options.metadata);
  // Behind the init program and its dashes.
  const words =
    options.init === undefined ? process.args : process.args.slice(process.args.indexOf('--') + 1);
  const command = words.slice(entrypoint.length);
  return {
    Hostname: options.hostname ?? id.slice(0, 12),
    Domainname: '',
    User: process.user,
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: options.terminal ?? false,
    OpenStdin: options.stdin ?? false,
    StdinOnce: options.stdinOnce ?? false,
    Env: process.env,
    Cmd: command.length > 0 || isTemplate ? command : null,
    Image: imageName,
    WorkingDir: process.cwd,
    Entrypoint: entrypoint.join(' '),
    // Go prints a map that is not there as an empty one.
    Volumes: isTemplate ? new Map() : null,
    OnBuild: null,
    Labels: new Map(Object.entries(options.labels ?? {})),
    Annotations: new Map(Object.entries(options.annotations ?? {})),
    ...((createCommand.length > 0 || isTemplate) && { CreateCommand: createCommand }),
    ...(healthCheck ? { Healthcheck: checkDetails(healthCheck) } : isTemplate && { Healthcheck: null }),
    HealthcheckOnFailureAction: options.onUnhealthy ?? 'none',
    ...(options.secrets && { Secrets: options.secrets.flatMap(secretDetails) }),
    ...((options.systemd || isTemplate) && { SystemdMode: options.systemd === true }),
    StopSignal: signalName(stopSignal),
    StopTimeout: Math.round(stopTimeoutMs / 1000),
    Umask: (options.umask ?? 0o022).toString(8).padStart(4, '0'),
    Timeout: Math.round((options.timeoutMs ?? 0) / 1000),
    [isTemplate ? 'SdNotifyMode' : 'sdNotifyMode']: options.notify?.by === 'monitor' ? 'conmon' : 'container',
  };
}

/** Those of root; another user has only what was asked for, as the engine gives them. */
function capabilityDetails({ options: { capabilities: changes = {}, privileged }, process }: ContainerInfo) {
  const named = (words: readonly string[] = []): ReadonlySet<string> => new Set(words.map(capabilityName));
  const [add, drop] = [named(changes.add), named(changes.drop)];
  const isUsual = (name: string): boolean => privileged === true || defaultCapabilities.includes(name);
  const bounding = capabilities
    .filter((name) => (drop.has('ALL') ? add.has(name) : add.has('ALL') || add.has(name) || isUsual(name)))
    .filter((name) => !drop.has(name))
    .toSorted();
  const isRoot = /^(root|0)?(:|$)/.test(process.user);
  return {
    EffectiveCaps: isRoot ? bounding : bounding.filter((name) => add.has(name)),
    BoundingCaps: bounding,
  };
}

/** Variables are left out, as podman leaves them out. */
function secretDetails(secret: ContainerSecret): readonly Readonly<Record<string, unknown>>[] {
  if (secret.type === 'env') return [];
  const { secret: name, id = '', uid = 0, gid = 0, mode = 0o444 } = secret;
  return [{ Name: name, ID: id, UID: uid, GID: gid, Mode: mode }];
}

/** An image may name one that this machine does not know: then as it is named. */
function signalName(text: string): string {
  try {
    return parseSignal(text);
  } catch {
    return text;
  }
}
