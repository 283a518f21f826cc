// SPDX-License-Identifier: Apache-2.0
import type { ContainerMount, PodOptions } from '@lading/engine';
import { parseGoTime } from '@lading/go-template';
import { mountDetails } from './container-details.ts';
import { stateName } from './container-row.ts';
import { createCommandOf } from './create-command.ts';
import { ratesOf, securityWords } from './host-config.ts';
import { type PodWithContainers, podState } from './pod-row.ts';
import { portBindings } from './port-bindings.ts';

type Details = Readonly<Record<string, unknown>>;

/**
 * What `pod inspect` shows. Fields that hold nothing are left out of JSON, and have other names there than in a template.
 */
export function podDetails({ pod, containers }: PodWithContainers, isTemplate: boolean): Details {
  const { options } = pod;
  const { containerDefaults = {}, resources = {} } = options;
  const shared = sharedKinds({ pod, containers });
  const named = (inTemplate: string, inJson: string, value: unknown): Details => {
    if (isTemplate) return { [inTemplate]: value };
    const isEmpty =
      value === 0 ||
      value === '' ||
      value === null ||
      (Array.isArray(value) && value.length === 0) ||
      (value instanceof Map && value.size === 0);
    return isEmpty ? {} : { [inJson]: value };
  };
  const mount = (one: ContainerMount): Details => mountDetails(one, new Map(), isTemplate);
  return {
    Id: pod.id,
    // Go's own name of the field.
    ...(isTemplate && { ID: pod.id }),
    Name: pod.name,
    ...(isTemplate && { Namespace: '' }),
    Created: isTemplate ? parseGoTime(pod.createdAt) : pod.createdAt,
    ...named('CreateCommand', 'CreateCommand', createCommandOf(options.metadata)),
    ExitPolicy: options.exitPolicy ?? 'continue',
    State: podState({ pod, containers }),
    Hostname: options.hostname ?? '',
    ...named('Labels', 'Labels', new Map(Object.entries(options.labels ?? {}))),
    CreateCgroup: pod.cgroupPath !== undefined,
    CgroupParent: options.cgroupParent ?? '',
    ...named('CgroupPath', 'CgroupPath', pod.cgroupPath ?? ''),
    CreateInfra: false,
    ...named('InfraContainerID', 'InfraContainerID', ''),
    ...((isTemplate || shared.length > 0) && { InfraConfig: shared.length > 0 ? infra() : null }),
    ...named('SharedNamespaces', 'SharedNamespaces', shared),
    NumContainers: containers.length,
    ...named(
      'Containers',
      'Containers',
      containers.map((one) => ({ Id: one.id, Name: one.name, State: stateName(one) })),
    ),
    ...named('CPUPeriod', 'cpu_period', resources.cpuPeriodUs ?? 0),
    ...named('CPUQuota', 'cpu_quota', resources.cpuQuotaUs ?? 0),
    ...named('CPUShares', 'cpu_shares', resources.cpuShares ?? 0),
    ...named('CPUSetCPUs', 'cpuset_cpus', resources.cpusetCpus ?? ''),
    ...named('CPUSetMems', 'cpuset_mems', resources.cpusetMems ?? ''),
    ...named('Mounts', 'mounts', (containerDefaults.mounts ?? []).map(mount)),
    // They are not shown by podman either, but in a template the fields are there.
    ...(isTemplate && { Devices: [], VolumesFrom: [], BlkioWeightDevice: [] }),
    ...named('BlkioDeviceReadBps', 'device_read_bps', ratesOf(resources.blockReadBps)),
    ...named('BlkioDeviceWriteBps', 'device_write_bps', ratesOf(resources.blockWriteBps)),
    ...named('SecurityOpts', 'security_opt', podSecurityWords(containerDefaults)),
    ...named('MemoryLimit', 'memory_limit', resources.memoryBytes ?? 0),
    ...named('MemorySwap', 'memory_swap', resources.memorySwapBytes ?? 0),
    ...named('BlkioWeight', 'blkio_weight', resources.blockWeight ?? 0),
  };

  function infra(): Details {
    const { dns, extraHosts, idMaps, namespaces = {}, networks: [network] = [] } = options;
    const orNull = <T>(list: readonly T[] = []): readonly T[] | null =>
      list.length > 0 || isTemplate ? list : null;
    const { pid, uts } = namespaces;
    const userNamespace = options.autoIdMaps ? 'auto' : idMaps ? 'private' : 'host';
    const kind = (choice: string | undefined): string =>
      choice === undefined || choice === 'pod' ? 'private' : choice;
    return {
      PortBindings: portBindings({ portMappings: options.portMappings ?? [] }),
      HostNetwork: options.network === 'host',
      StaticIP: network?.ip ?? '',
      StaticMAC: network?.mac ?? '',
      NoManageResolvConf: false,
      DNSServer: orNull(dns?.servers),
      DNSSearch: orNull(dns?.searches),
      DNSOption: orNull(dns?.options),
      NoManageHosts: containerDefaults.keepHosts === true,
      HostAdd: orNull(extraHosts?.map(({ hostname, ip }) => `${hostname}:${ip}`)),
      Networks: orNull(pod.networks.map(({ network: name }) => name)),
      NetworkOptions: null,
      ...named('CPUPeriod', 'cpu_period', resources.cpuPeriodUs ?? 0),
      ...named('CPUQuota', 'cpu_quota', resources.cpuQuotaUs ?? 0),
      ...named('CPUSetCPUs', 'cpuset_cpus', resources.cpusetCpus ?? ''),
      ...named('PidNS', 'pid_ns', kind(pid)),
      ...named('UserNS', 'userns', userNamespace),
      ...named('UtsNS', 'uts_ns', kind(uts)),
    };
  }
}

function podSecurityWords(defaults: NonNullable<PodOptions['containerDefaults']>): readonly string[] {
  const { apparmor, mask = [], procOptions = [], unmask = [] } = defaults;
  const profile = typeof apparmor === 'object' ? apparmor.profile : apparmor;
  return [
    ...securityWords(defaults),
    ...(profile === undefined ? [] : [`apparmor=${profile}`]),
    ...(mask.length > 0 ? [`mask=${mask.join(':')}`] : []),
    ...(unmask.length > 0 ? [`unmask=${unmask.join(':')}`] : []),
    ...(procOptions.length > 0 ? [`proc-opts=${procOptions.join(',')}`] : []),
  ];
}

/** Namespaces that its containers have from the pod, whichever those are. */
function sharedKinds({ pod: { options } }: PodWithContainers): readonly string[] {
  const { net = 'pod', ipc = 'pod', uts = 'pod', pid = 'private' } = options.namespaces ?? {};
  const kinds = Object.entries({ ipc, net, pid, uts }).filter(([, choice]) => choice !== 'private');
  return [...kinds.map(([kind]) => kind), ...(options.idMaps === undefined ? [] : ['user'])].toSorted();
}
