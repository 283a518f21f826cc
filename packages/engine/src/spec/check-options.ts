// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';
import { Code, LadingError } from '@lading/errors';
import { checkIdMaps } from '@lading/storage';
import { checkLogDriver } from '../logs/log-driver.ts';
import { checkName } from '../names.ts';
import { checkRootfs } from '../rootfs/folder-rootfs.ts';
import type { ContainerMount, ContainerOptions, PortMapping } from '../types/container-options.ts';
import type { HealthCheck } from '../types/health.ts';
import { checkInit } from './init.ts';

/** @throws InvalidArgument for what can be seen to be wrong before anything is made */
export function checkOptions(options: ContainerOptions): void {
  if (options.image === '' && options.rootfs === undefined) throw invalid('an image is needed');
  checkRootfs(options);
  checkLogDriver(options);
  if (options.name !== undefined) checkName(options.name);
  checkMounts(options.mounts ?? []);
  checkPorts(options.portMappings ?? []);
  checkInit(options);
  if (options.stdinOnce && !options.stdin) throw invalid('stdinOnce needs stdin');
  const { restartPolicy } = options;
  if (restartPolicy !== undefined && options.autoRemove) {
    throw invalid(
      'a container that removes itself cannot be started again: leave autoRemove or restartPolicy out',
    );
  }
  if (restartPolicy?.maxRetries !== undefined && restartPolicy.name !== 'on-failure') {
    throw invalid(`maxRetries is of the restart policy on-failure, not of ${restartPolicy.name}`);
  }
  if (options.hostname !== undefined) checkHostname(options.hostname);
  if (options.logPath !== undefined && !/^\/[^:\0]*$/.test(options.logPath)) {
    // conmon splits the text at every colon.
    throw invalid(`the log path ${JSON.stringify(options.logPath)} must be absolute and without colons`);
  }
  if (options.healthCheck !== undefined) checkHealthCheck(options.healthCheck);
  if (options.umask !== undefined && !(options.umask >= 0 && options.umask <= 0o777)) {
    throw invalid('umask must be of three octal digits');
  }
  for (const path of [options.pidFile, options.monitorPidFile]) {
    if (path?.startsWith('/') === false) {
      throw invalid(`the pid file ${JSON.stringify(path)} must be an absolute path`);
    }
  }
  if (options.notify !== undefined && !/^[/@]/.test(options.notify.socket)) {
    throw invalid(`the socket ${JSON.stringify(options.notify.socket)} must be an absolute path or @NAME`);
  }
  if (options.timeoutMs !== undefined && !(options.timeoutMs >= 1000)) {
    throw invalid('timeoutMs must be a second or more');
  }
  if (options.stopTimeoutMs !== undefined && !(options.stopTimeoutMs >= 0)) {
    throw invalid('stopTimeoutMs must not be negative');
  }
}

function checkHealthCheck({
  test,
  intervalMs = 0,
  timeoutMs = 1,
  retries = 1,
  startPeriodMs = 0,
}: HealthCheck) {
  if (test.length === 0) throw invalid('healthCheck.test is empty: use NONE, CMD or CMD-SHELL');
  if (!(intervalMs >= 0)) throw invalid('healthCheck.intervalMs must not be negative');
  if (!(timeoutMs > 0)) throw invalid('healthCheck.timeoutMs must be more than 0');
  if (!(Number.isInteger(retries) && retries > 0)) throw invalid('healthCheck.retries must be 1 or more');
  if (!(startPeriodMs >= 0)) throw invalid('healthCheck.startPeriodMs must not be negative');
}

export function checkMounts(mounts: readonly ContainerMount[]): void {
  for (const mount of mounts) {
    if (!mount.target.startsWith('/') || mount.target.includes('\0')) {
      throw invalid(`the mount target ${JSON.stringify(mount.target)} must be an absolute path`);
    }
    if (mount.type === 'bind') checkBind(mount);
  }
}

function checkBind(mount: Extract<ContainerMount, { type: 'bind' }>): void {
  if (mount.idMaps !== undefined) checkIdMaps(mount.idMaps);
  if (!mount.source.startsWith('/')) {
    throw invalid(`the mount source ${JSON.stringify(mount.source)} must be an absolute path`);
  }
  if (!mount.recursiveReadOnly) return;
  if (!mount.readOnly) throw invalid(`the mount at ${mount.target}: recursiveReadOnly needs readOnly`);
  const spread = mount.options?.find((option) => /^r?(?:shared|slave)$/.test(option));
  if (spread !== undefined) {
    throw invalid(`the mount at ${mount.target}: recursiveReadOnly cannot be together with ${spread}`);
  }
}

export function checkPorts(mappings: readonly PortMapping[]): void {
  for (const { containerPort, hostPort, hostIp } of mappings) {
    for (const port of [containerPort, hostPort]) {
      if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid(`${port} is not a port`);
    }
    if (hostIp !== undefined && hostIp !== '' && isIP(hostIp) === 0) {
      throw invalid(`${JSON.stringify(hostIp)} is not an IP address`);
    }
  }
}

export function checkHostname(hostname: string): void {
  if (!/^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,62}[a-zA-Z0-9])?$/.test(hostname)) {
    throw invalid(`the hostname ${JSON.stringify(hostname.slice(0, 80))} is not valid`);
  }
}

function invalid(message: string): LadingError {
  return new LadingError(Code.InvalidArgument, message);
}
