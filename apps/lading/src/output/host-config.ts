// SPDX-License-Identifier: Apache-2.0
import type { BlockRate, ContainerInfo, ContainerMount, ContainerOptions, IdMaps } from '@lading/engine';
import { textOf, textsOf } from './create-command.ts';
import { humanSize } from './human-size.ts';
import { portBindings } from './port-bindings.ts';

/** `HostConfig` of `inspect`: what the host gives to a container. */
export function hostDetails(
  { logPath, options, idMaps }: ContainerInfo,
  isTemplate: boolean,
): Readonly<Record<string, unknown>> {
  const { dns = {}, logDriver = 'k8s-file', mounts = [], namespaces = {}, networks = [] } = options;
  const volumesFrom = textsOf(options.metadata, 'volumesFrom');
  return {
    Binds: volumesFirst(mounts).flatMap(bindText),
    CgroupManager: 'cgroupfs',
    CgroupMode: namespaces.cgroup ?? 'private',
    ContainerIDFile: textOf(options.metadata, 'cidFile'),
    LogConfig: {
      Type: logDriver,
      Config: null,
      Path: logDriver === 'k8s-file' ? logPath : '',
      Tag: options.logTag ?? '',
      Size: humanSize(options.logSizeMaxBytes ?? 0),
    },
    NetworkMode: networkMode(options.network, networks),
    PortBindings: portBindings(hasOwnNetwork(options) ? options : {}),
    RestartPolicy: {
      Name: options.restartPolicy?.name ?? '',
      MaximumRetryCount: options.restartPolicy?.maxRetries ?? 0,
    },
    AutoRemove: options.autoRemove ?? false,
    VolumeDriver: '',
    VolumesFrom: volumesFrom.length > 0 || isTemplate ? volumesFrom : null,
    CapAdd: (options.capabilities?.add ?? []).map(capabilityName),
    CapDrop: (options.capabilities?.drop ?? []).map(capabilityName),
    Dns: dns.servers ?? [],
    DnsOptions: dns.options ?? [],
    DnsSearch: dns.searches ?? [],
    ExtraHosts: (options.extraHosts ?? []).map(({ hostname, ip }) => `${hostname}:${ip}`),
    GroupAdd: options.additionalGroups ?? [],
    IpcMode: namespaces.ipc ?? 'shareable',
    Cgroup: '',
    Cgroups: 'default',
    Links: null,
    OomScoreAdj: options.oomScoreAdj ?? 0,
    PidMode: namespaces.pid ?? 'private',
    Privileged: options.privileged ?? false,
    PublishAllPorts: options.metadata?.publishAll === true,
    ReadonlyRootfs: options.readOnlyRootfs ?? false,
    SecurityOpt: securityWords(options),
    Tmpfs: new Map(
      mounts.flatMap((mount) => (mount.type === 'tmpfs' ? [[mount.target, tmpfsText(mount)]] : [])),
    ),
    UTSMode: namespaces.uts ?? 'private',
    UsernsMode: idMaps === undefined ? '' : 'private',
    ...(idMaps && {
      IDMappings: { UidMap: idMaps.uidMap.map(mappingText), GidMap: idMaps.gidMap.map(mappingText) },
    }),
    ShmSize: options.shmSizeBytes ?? 65_536_000,
    Runtime: 'oci',
    ConsoleSize: [0, 0],
    Isolation: '',
    ...(options.init !== undefined && { Init: true }),
    ...limitDetails(options),
    CgroupConf: null,
  };
}

function limitDetails({
  cgroupParent = '',
  devices = [],
  resources = {},
  rlimits = [],
}: ContainerInfo['options']) {
  return {
    CpuShares: resources.cpuShares ?? 0,
    Memory: resources.memoryBytes ?? 0,
    NanoCpus: Math.round(((resources.cpuQuotaUs ?? 0) / (resources.cpuPeriodUs ?? 100_000)) * 1e9),
    CgroupParent: cgroupParent,
    BlkioWeight: resources.blockWeight ?? 0,
    BlkioWeightDevice: ratesOf(resources.blockWeights, 'Weight'),
    BlkioDeviceReadBps: ratesOf(resources.blockReadBps),
    BlkioDeviceWriteBps: ratesOf(resources.blockWriteBps),
    BlkioDeviceReadIOps: ratesOf(resources.blockReadIops),
    BlkioDeviceWriteIOps: ratesOf(resources.blockWriteIops),
    CpuPeriod: resources.cpuPeriodUs ?? 0,
    CpuQuota: resources.cpuQuotaUs ?? 0,
    CpuRealtimePeriod: resources.cpuRtPeriodUs ?? 0,
    CpuRealtimeRuntime: resources.cpuRtRuntimeUs ?? 0,
    CpusetCpus: resources.cpusetCpus ?? '',
    CpusetMems: resources.cpusetMems ?? '',
    Devices: devices.map(({ hostPath, containerPath = hostPath }) => ({
      PathOnHost: hostPath,
      PathInContainer: containerPath,
      CgroupPermissions: '',
    })),
    DiskQuota: 0,
    KernelMemory: 0,
    MemoryReservation: resources.memoryReservationBytes ?? 0,
    MemorySwap: resources.memorySwapBytes ?? 0,
    MemorySwappiness: resources.memorySwappiness ?? 0,
    OomKillDisable: resources.oomKillDisable ?? false,
    PidsLimit: resources.pidsLimit ?? 0,
    Ulimits: rlimits.map(({ type, soft, hard }) => ({ Name: rlimitName(type), Soft: soft, Hard: hard })),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
  };
}

export function ratesOf(
  rates: readonly BlockRate[] | undefined,
  word: 'Rate' | 'Weight' = 'Rate',
): readonly object[] | null {
  return rates?.map(({ path, rate }) => ({ Path: path, [word]: rate })) ?? null;
}

/** As podman, which tells ports here only where it connects a network for the container. */
function hasOwnNetwork({ network, pod }: ContainerInfo['options']): boolean {
  if (network === undefined) return pod === undefined;
  return !['host', 'none', 'pod'].includes(network) && !/^(ns|container):/.test(network);
}

function networkMode(
  network: string | undefined,
  networks: NonNullable<ContainerInfo['options']['networks']>,
): string {
  if (network === undefined && networks.length > 0) return 'bridge';
  return network === undefined || network === 'default' ? 'bridge' : network;
}

/** As podman has them. */
export function volumesFirst(mounts: readonly ContainerMount[] = []): readonly ContainerMount[] {
  return mounts.toSorted((a, b) => Number(b.type === 'volume') - Number(a.type === 'volume'));
}

function bindText(mount: ContainerMount): readonly string[] {
  const spread = mount.options?.find(isPropagation) ?? 'rprivate';
  const mode = `${mount.readOnly === true ? 'ro' : 'rw'},${spread}`;
  if (mount.type === 'bind') return [`${mount.source}:${mount.target}:${mode},rbind`];
  if (mount.type === 'volume') return [`${mount.name}:${mount.target}:${mode},nosuid,nodev,rbind`];
  return [];
}

export function isPropagation(option: string): boolean {
  return /^r?(private|shared|slave)$/.test(option);
}

/** `net_admin` and `CAP_NET_ADMIN` are one. */
export function capabilityName(word: string): string {
  return word.toUpperCase().replace(/^(?!CAP_|ALL$)/, 'CAP_');
}

function tmpfsText(mount: Extract<ContainerMount, { type: 'tmpfs' }>): string {
  const { mode, options = [], readOnly, sizeBytes } = mount;
  return [
    ...(readOnly === true ? ['ro'] : ['rw']),
    ...['rprivate', 'nosuid', 'nodev'],
    ...options,
    ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`]),
    ...(mode === undefined ? [] : [`mode=${mode.toString(8)}`]),
  ].join(',');
}

function rlimitName(type: string): string {
  const upper = type.toUpperCase();
  return upper.startsWith('RLIMIT_') ? upper : `RLIMIT_${upper}`;
}

function mappingText({ containerId, hostId, size }: IdMaps['uidMap'][number]): string {
  return `${containerId}:${hostId}:${size}`;
}

/** The words of `--security-opt` that `inspect` shows. */
export function securityWords({
  noNewPrivileges,
  seccomp,
}: Pick<ContainerOptions, 'noNewPrivileges' | 'seccomp'>): readonly string[] {
  return [
    ...(noNewPrivileges === true ? ['no-new-privileges'] : []),
    ...(seccomp === 'unconfined' ? ['seccomp=unconfined'] : []),
    ...(typeof seccomp === 'object' ? [`seccomp=${seccomp.path}`] : []),
  ];
}
