// SPDX-License-Identifier: Apache-2.0
import type { ContainerInfo, PortMapping } from '@lading/engine';

/** `0.0.0.0:8080->80/tcp`, joined by commas. */
export function portsText({ options }: ContainerInfo): string {
  return (options.portMappings ?? []).map((port) => `${hostSide(port)}->${containerSide(port)}`).join(', ');
}

export function hostSide({ hostIp, hostPort }: PortMapping): string {
  const ip = hostIp === undefined || hostIp === '' ? '0.0.0.0' : hostIp;
  return `${ip.includes(':') ? `[${ip}]` : ip}:${hostPort}`;
}

export function containerSide({ containerPort, protocol }: PortMapping): string {
  return `${containerPort}/${protocol ?? 'tcp'}`;
}
