// SPDX-License-Identifier: Apache-2.0
import type { ContainerInfo } from '@lading/engine';
import { containerSide } from './ports.ts';

interface Binding {
  readonly HostIp: string;
  readonly HostPort: string;
}

/** Ports of the host by those of the container: `80/tcp`; null for what is exposed and not published. */
export function portBindings({
  exposedPorts = [],
  portMappings = [],
}: Pick<ContainerInfo['options'], 'exposedPorts' | 'portMappings'>): ReadonlyMap<
  string,
  readonly Binding[] | null
> {
  const ports = new Map<string, readonly Binding[] | null>(exposedPorts.map((key) => [key, null]));
  for (const mapping of portMappings) {
    const binding = { HostIp: mapping.hostIp ?? '', HostPort: String(mapping.hostPort) };
    const key = containerSide(mapping);
    ports.set(key, [...(ports.get(key) ?? []), binding]);
  }
  return ports;
}
