// SPDX-License-Identifier: Apache-2.0
import type { ContainerInfo } from '@lading/engine';
import { containerSide } from './ports.ts';

/** Ports of the host by those of the container: `80/tcp`. */
export function portBindings(
  mappings: NonNullable<ContainerInfo['options']['portMappings']>,
): ReadonlyMap<string, readonly { readonly HostIp: string; readonly HostPort: string }[]> {
  const ports = new Map<string, { HostIp: string; HostPort: string }[]>();
  for (const mapping of mappings) {
    const binding = { HostIp: mapping.hostIp ?? '', HostPort: String(mapping.hostPort) };
    const key = containerSide(mapping);
    ports.set(key, [...(ports.get(key) ?? []), binding]);
  }
  return ports;
}
