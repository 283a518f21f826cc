// SPDX-License-Identifier: Apache-2.0
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { type LoadedNetwork, loadNetworks } from '@lading/cni';
import type { CommandCall } from '@lading/command-line';
import type { ContainerInfo } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { createHasher } from '@lading/image-spec';
import { networkDirectory } from '../container/default-network.ts';
import { firstAddress } from './first-address.ts';

/** A network of the folder of CNI configurations, as podman tells of one. */
export interface NamedNetwork {
  readonly name: string;
  /** podman's for CNI: made from the name. */
  readonly id: string;
  readonly file: string;
  readonly driver: string;
  readonly interfaceName: string;
  readonly created: string;
  readonly subnets: readonly { readonly subnet: string; readonly gateway?: string }[];
  readonly internal: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly ipamDriver: string;
}

export async function listNetworks(call: CommandCall): Promise<readonly NamedNetwork[]> {
  return (await loadNetworks(networkDirectory(call))).map(describe);
}

/** By name, id, or the beginning of an id. @throws NotFound */
export function findNetwork(networks: readonly NamedNetwork[], ref: string): NamedNetwork {
  const named = networks.find(({ name, id }) => name === ref || id === ref);
  if (named !== undefined) return named;
  const [found, ...others] = networks.filter(({ id }) => /^[\da-f]+$/.test(ref) && id.startsWith(ref));
  if (found !== undefined && others.length === 0) return found;
  throw new LadingError(
    Code.NotFound,
    `unable to find network with name or ID ${ref.slice(0, 255)}: network not found`,
    { reason: 'NETWORK_UNKNOWN' },
  );
}

/** Those that are on it, or would be. */
export function usersOf(
  network: NamedNetwork,
  containers: readonly ContainerInfo[],
  isDefault: boolean,
): readonly ContainerInfo[] {
  return containers.filter(({ options, podId, run }) => {
    if (run !== undefined) return run.networks.some((attached) => attached.network === network.name);
    const names = options.networks?.map(({ name }) => name) ?? [
      options.network ?? (podId === undefined ? 'default' : 'pod'),
    ];
    return (
      names.includes(network.name) ||
      (isDefault && names.some((name) => name === 'default' || name === 'bridge'))
    );
  });
}

/** That of podman. */
function idOf(name: string): string {
  const hasher = createHasher('sha256');
  hasher.update(Buffer.from(name));
  return hasher.digest('hex');
}

function describe({ name, file, list, bytes }: LoadedNetwork): NamedNetwork {
  const [plugin] = list.plugins;
  const ipam = record(plugin?.ipam);
  // The list has only what CNI knows.
  const own = record(record(JSON.parse(Buffer.from(bytes).toString())).args);
  const ipamDriver = text(ipam.type) ?? 'none';
  const internal = plugin?.type === 'bridge' && plugin.isGateway !== true && ipamDriver === 'host-local';
  return {
    name,
    id: idOf(name),
    file: basename(file),
    driver: plugin?.type ?? '',
    interfaceName: text(plugin?.bridge) ?? text(plugin?.master) ?? '',
    created: statSync(file).mtime.toISOString(),
    subnets: subnetsOf(ipam, !internal),
    internal,
    labels: texts(own.podman_labels),
    options: texts(own.podman_options),
    ipamDriver,
  };
}

/** With the gateways that the plugin chooses by itself, where there are any. */
function subnetsOf(ipam: Readonly<Record<string, unknown>>, hasGateway: boolean): NamedNetwork['subnets'] {
  const sets: unknown[] = Array.isArray(ipam.ranges) ? ipam.ranges.flat() : [ipam];
  return sets.map(record).flatMap(({ subnet, gateway }) => {
    const known = text(subnet);
    const address = text(gateway) ?? (hasGateway ? firstAddress(known ?? '') : undefined);
    return known === undefined ? [] : [{ subnet: known, ...(address !== undefined && { gateway: address }) }];
  });
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(record(value)).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
