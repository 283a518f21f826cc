// SPDX-License-Identifier: Apache-2.0
import { NamespaceMode, type PodSandboxConfig, Protocol } from '@lading/cri-api';
import type { PodOptions, PortMapping } from '@lading/engine';
import { podMetadata } from './metadata.ts';
import { podName } from './names.ts';
import { idMapsOf } from './user-namespaces.ts';

const protocols: Readonly<Record<number, PortMapping['protocol']>> = {
  [Protocol.TCP]: 'tcp',
  [Protocol.UDP]: 'udp',
  [Protocol.SCTP]: 'sctp',
};

/**
 * What the engine makes of a sandbox config.
 *
 * @throws LadingError `invalid_argument` for what cannot be
 */
export function podOptions(config: PodSandboxConfig, runtimeHandler: string): PodOptions {
  const name = podName(config.metadata);
  const linux = config.linux;
  const modes = linux?.securityContext?.namespaceOptions;
  const idMaps = idMapsOf(`pod ${name}`, modes?.usernsOptions);
  const { name: podNameOnly = '', namespace = '', uid = '' } = config.metadata ?? {};
  return {
    name,
    ...hostnameOption(config),
    labels: config.labels,
    annotations: config.annotations,
    network: modes?.network === NamespaceMode.NODE ? 'host' : 'default',
    namespaces: {
      // A config without namespace options asks for nothing special: a pid namespace for each container.
      pid:
        modes === undefined || modes.pid === NamespaceMode.CONTAINER
          ? 'private'
          : modes.pid === NamespaceMode.NODE
            ? 'host'
            : 'pod',
      ipc: modes?.ipc === NamespaceMode.NODE ? 'host' : 'pod',
      uts: modes?.network === NamespaceMode.NODE ? 'host' : 'pod',
    },
    ...(idMaps && { idMaps }),
    portMappings: config.portMappings
      .filter((mapping) => mapping.hostPort !== 0)
      .map((mapping) => ({
        containerPort: mapping.containerPort,
        hostPort: mapping.hostPort,
        protocol: protocols[mapping.protocol] ?? 'tcp',
        ...(mapping.hostIp === '' ? {} : { hostIp: mapping.hostIp }),
      })),
    ...(config.dnsConfig === undefined ? {} : { dns: config.dnsConfig }),
    cniArgs: {
      IgnoreUnknown: '1',
      K8S_POD_NAMESPACE: namespace,
      K8S_POD_NAME: podNameOnly,
      K8S_POD_UID: uid,
    },
    ...(linux?.cgroupParent ? { cgroupParent: linux.cgroupParent } : {}),
    ...(linux === undefined ? {} : { sysctls: linux.sysctls }),
    ...(runtimeHandler === '' ? {} : { runtime: runtimeHandler }),
    metadata: podMetadata(config, runtimeHandler),
  };
}

/** Kubelets always send one, but for pods on the host's network; others get the pod's name, as far as it can be one. */
function hostnameOption(config: PodSandboxConfig): Pick<PodOptions, 'hostname'> {
  if (config.hostname !== '') return { hostname: config.hostname };
  if (config.linux?.securityContext?.namespaceOptions?.network === NamespaceMode.NODE) return {};
  const hostname = (config.metadata?.name ?? '')
    .replaceAll(/[^a-zA-Z0-9.-]/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 63)
    .replace(/[.-]+$/, '');
  return hostname === '' ? {} : { hostname };
}
