// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** What this daemon cannot do although it is asked to, so that to go on would be to do something else. */
const refusals: Readonly<Record<string, readonly [isFine: (value: unknown) => boolean, why: string]>> = {
  'crio.runtime.timezone': [isEmpty, 'containers have the time zone of their image'],
  'crio.runtime.infra_ctr_cpuset': [isEmpty, 'pods have no infra container that would use a processor'],
  'crio.runtime.drop_infra_ctr': [
    (value) => value === true,
    'pods have no infra container; only true can be asked for',
  ],
  'crio.runtime.disable_hostport_mapping': [isFalse, 'host ports are those of the network configuration'],
  'crio.runtime.uid_mappings': [isEmpty, 'ids are mapped by pods that ask for it'],
  'crio.runtime.gid_mappings': [isEmpty, 'ids are mapped by pods that ask for it'],
  'crio.runtime.no_pivot': [isFalse, 'the root of a container is always changed with pivot_root'],
  'crio.runtime.log_to_journald': [isFalse, 'logs are files in the form that kubelets read'],
  'crio.runtime.device_ownership_from_security_context': [
    isFalse,
    'devices belong to their owner on the host',
  ],
  'crio.runtime.privileged_seccomp_profile': [
    isEmpty,
    'privileged containers have no filter of system calls',
  ],
  'crio.runtime.ctr_stop_timeout': [isNumber, 'it must be a number of seconds'],
  'crio.image.image_volumes': [
    (value) => value === '' || value === 'mkdir' || value === 'ignore',
    'the folders that an image declares as volumes are those of the image',
  ],
  'crio.image.separate_pull_cgroup': [isEmpty, 'images are pulled in the control group of the daemon'],
};

const hostDevices = /^crio\.runtime\.runtimes\.[\w-]+\.privileged_without_host_devices$/;
const monitorCgroup = /^crio\.runtime\.(?:runtimes\.[\w-]+\.monitor_cgroup|conmon_cgroup)$/;
const vmConfig = /^crio\.runtime\.runtimes\.[\w-]+\.runtime_config_path$/;
const runtimeType = /^crio\.runtime\.runtimes\.[\w-]+\.runtime_type$/;

/** Slices of systemd, which most files that there are have for monitors, are not made. */
export function isElsewhere(key: string, value: unknown): boolean {
  return monitorCgroup.test(key) && value !== 'pod';
}

/**
 * True for a key that asks for nothing else than what is done anyway.
 *
 * @throws LadingError `invalid_argument` for one that asks for what cannot be
 */
export function isMet(key: string, value: unknown, file: string): boolean {
  const refused = (why: string): LadingError =>
    new LadingError(Code.InvalidArgument, `${file}: ${key} cannot be had: ${why}; leave it out`);
  if (runtimeType.test(key)) {
    if (value === '' || value === 'oci') return true;
    throw refused('only runtimes with the command line of runc ("oci") are there');
  }
  if (vmConfig.test(key)) {
    if (isEmpty(value)) return true;
    throw refused('it is the file of a runtime of virtual machines, and those cannot be had');
  }
  // These are in most files that there are, and who reads the warnings can go on: a kubelet is told of "cgroupfs".
  if (key === 'crio.runtime.cgroup_manager') return value === '' || value === 'cgroupfs';
  if (hostDevices.test(key)) {
    if (isFalse(value)) return true;
    throw refused('privileged containers have the devices of the host');
  }
  const refusal = Object.hasOwn(refusals, key) ? refusals[key] : undefined;
  if (refusal === undefined) return false;
  const [isFine, why] = refusal;
  if (isFine(value)) return true;
  throw refused(why);
}

function isEmpty(value: unknown): boolean {
  return value === '';
}

function isNumber(value: unknown): boolean {
  return Number.isSafeInteger(value);
}

function isFalse(value: unknown): boolean {
  return value === false;
}
