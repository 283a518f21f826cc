// SPDX-License-Identifier: Apache-2.0
import type { ContainerInfo, ContainerMount, IdMaps } from '@lading/engine';
import { hasEnded, stateName } from './container-row.ts';
import { containerSide } from './ports.ts';

const never = '0001-01-01T00:00:00Z';

/** What `inspect` shows of a container, in podman's words; Maps where Go has maps. */
export function containerDetails(
  container: ContainerInfo,
  mountpoints: ReadonlyMap<string, string> = new Map(),
): Readonly<Record<string, unknown>> {
  const { process, options } = container;
  return {
    Id: container.id,
    Created: container.createdAt,
    Path: process.args[0] ?? '',
    Args: process.args.slice(1),
    State: stateDetails(container),
    Image: container.imageId,
    ImageName: container.imageName,
    Rootfs: container.run?.rootfs ?? '',
    Pod: container.podId ?? '',
    OCIRuntime: container.runtime,
    ConmonPidFile: `${container.bundle}/conmon.pid`,
    Name: container.name,
    RestartCount: container.retries ?? 0,
    Driver: 'overlay',
    Mounts: (options.mounts ?? []).map((mount) => mountDetails(mount, mountpoints)),
    NetworkSettings: networkDetails(container),
    Namespace: '',
    IsInfra: false,
    Config: configDetails(container),
    HostConfig: hostDetails(container),
  };
}

function stateDetails(container: ContainerInfo) {
  const { exit, run, startedAt, status } = container;
  return {
    Status: stateName(container),
    Running: status === 'running',
    Paused: status === 'paused',
    Restarting: false,
    OOMKilled: exit?.oomKilled ?? false,
    Dead: false,
    Pid: container.pid,
    ConmonPid: run?.monitorPid ?? 0,
    ExitCode: hasEnded(container) ? (exit?.exitCode ?? 0) : 0,
    Error: container.error ?? '',
    StartedAt: run?.startedAt ?? startedAt ?? never,
    FinishedAt: exit?.finishedAt ?? never,
  };
}

function mountDetails(mount: ContainerMount, mountpoints: ReadonlyMap<string, string>) {
  return {
    Type: mount.type,
    ...(mount.type === 'volume' && { Name: mount.name ?? '' }),
    Source:
      mount.type === 'bind'
        ? mount.source
        : mount.type === 'volume'
          ? (mountpoints.get(mount.name ?? '') ?? '')
          : '',
    Destination: mount.target,
    Driver: mount.type === 'volume' ? 'local' : '',
    Mode: '',
    Options: mount.options ?? [],
    RW: mount.readOnly !== true,
    Propagation: mount.options?.find((option) => /(private|shared|slave)$/.test(option)) ?? 'rprivate',
  };
}

function networkDetails({ run, options }: ContainerInfo) {
  const networks = (run?.networks ?? []).map((network) => {
    const [first] = network.ips;
    const [address = '', prefix = '0'] = (first?.address ?? '').split('/');
    return {
      name: network.network,
      details: {
        NetworkID: network.network,
        IPAddress: address,
        IPPrefixLen: Number(prefix),
        Gateway: first?.gateway ?? '',
        MacAddress: network.mac ?? '',
      },
    };
  });
  const first = networks[0]?.details;
  return {
    SandboxKey: run?.netnsPath ?? '',
    IPAddress: first?.IPAddress ?? '',
    IPPrefixLen: first?.IPPrefixLen ?? 0,
    Gateway: first?.Gateway ?? '',
    MacAddress: first?.MacAddress ?? '',
    Ports: portBindings(options.portMappings ?? []),
    Networks: new Map(networks.map(({ name, details }) => [name, details])),
  };
}

function portBindings(mappings: NonNullable<ContainerInfo['options']['portMappings']>) {
  const ports = new Map<string, { HostIp: string; HostPort: string }[]>();
  for (const mapping of mappings) {
    const binding = { HostIp: mapping.hostIp ?? '', HostPort: String(mapping.hostPort) };
    const key = containerSide(mapping);
    ports.set(key, [...(ports.get(key) ?? []), binding]);
  }
  return ports;
}

function configDetails({ id, imageName, options, process, stopSignal, stopTimeoutMs }: ContainerInfo) {
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
    Cmd: process.args,
    Image: imageName,
    WorkingDir: process.cwd,
    Entrypoint: (options.entrypoint ?? []).join(' '),
    Labels: new Map(Object.entries(options.labels ?? {})),
    Annotations: new Map(Object.entries(options.annotations ?? {})),
    StopSignal: stopSignal,
    StopTimeout: Math.round(stopTimeoutMs / 1000),
  };
}

function mappingText({ containerId, hostId, size }: IdMaps['uidMap'][number]): string {
  return `${containerId}:${hostId}:${size}`;
}

function hostDetails({ logPath, options, idMaps }: ContainerInfo) {
  const { resources = {}, mounts = [] } = options;
  return {
    Binds: mounts.flatMap((mount) =>
      mount.type === 'bind'
        ? [`${mount.source}:${mount.target}:${mount.readOnly ? 'ro' : 'rw'},rprivate`]
        : mount.type === 'volume'
          ? [`${mount.name}:${mount.target}:${mount.readOnly ? 'ro' : 'rw'},rprivate,nosuid,nodev,rbind`]
          : [],
    ),
    LogConfig: { Type: options.logDriver ?? 'k8s-file', Path: logPath },
    NetworkMode: options.network === undefined || options.network === 'default' ? 'bridge' : options.network,
    PortBindings: portBindings(options.portMappings ?? []),
    RestartPolicy: {
      Name: options.restartPolicy?.name ?? '',
      MaximumRetryCount: options.restartPolicy?.maxRetries ?? 0,
    },
    AutoRemove: options.autoRemove ?? false,
    CapAdd: options.capabilities?.add ?? [],
    CapDrop: options.capabilities?.drop ?? [],
    Dns: options.dns?.servers ?? [],
    ExtraHosts: (options.extraHosts ?? []).map(({ hostname, ip }) => `${hostname}:${ip}`),
    Privileged: options.privileged ?? false,
    ReadonlyRootfs: options.readOnlyRootfs ?? false,
    SecurityOpt: [
      ...(options.noNewPrivileges === true ? ['no-new-privileges'] : []),
      ...(options.seccomp === 'unconfined' ? ['seccomp=unconfined'] : []),
    ],
    Tmpfs: new Map(mounts.filter(({ type }) => type === 'tmpfs').map(({ target }) => [target, ''])),
    ShmSize: options.shmSizeBytes ?? 65_536_000,
    CpuShares: resources.cpuShares ?? 0,
    Memory: resources.memoryBytes ?? 0,
    MemorySwap: resources.memorySwapBytes ?? 0,
    NanoCpus: Math.round(((resources.cpuQuotaUs ?? 0) / (resources.cpuPeriodUs ?? 100_000)) * 1e9),
    PidsLimit: resources.pidsLimit ?? 0,
    UsernsMode: idMaps === undefined ? '' : 'private',
    ...(idMaps && {
      IDMappings: { UidMap: idMaps.uidMap.map(mappingText), GidMap: idMaps.gidMap.map(mappingText) },
    }),
    Ulimits: (options.rlimits ?? []).map(({ type, soft, hard }) => ({ Name: type, Soft: soft, Hard: hard })),
  };
}
