// SPDX-License-Identifier: Apache-2.0
import { singleLine } from '@lading/command-line';
import type { LadingError } from '@lading/errors';

/** A failure in podman's words where it has words of its own: scripts look for them. */
export function errorMessage(error: LadingError): string {
  return singleLine(sentence(error));
}

function sentence({ reason, message, details }: LadingError): string {
  switch (reason) {
    case 'CONTAINER_UNKNOWN':
      return message.replace(/^no container with name or id (".*") found$/, noContainer);
    case 'SECRET_UNKNOWN':
      return message.replace(/^(.*no secret with name or id ".*") found$/, '$1: no such secret');
    case 'IMAGE_UNKNOWN':
      return message.replace(/: image not known; .*$/, ': image not known');
    case 'NAME_IN_USE': {
      const name = /^the name "([^"]*)"/.exec(message)?.[1];
      if (name === undefined || typeof details?.id !== 'string') return message;
      return `creating container storage: the container name "${name}" is already in use by ${details.id}. You have to remove that container to be able to reuse that name: that name is already in use`;
    }
    case 'CONTAINER_REQUIRED': {
      const { id, dependents } = details ?? {};
      if (typeof id !== 'string' || !Array.isArray(dependents)) return message;
      return `container ${id} has dependent containers which must be removed before it: ${dependents.join(', ')}: container already exists`;
    }
    case 'IMAGE_IN_USE': {
      const [user] = Array.isArray(details?.containers) ? details.containers : [];
      if (typeof user !== 'string') return message;
      return imageInUse(user);
    }
    case 'COMMAND_NOT_FOUND':
      return `${runtimeWords(message)}: OCI runtime attempted to invoke a command that was not found`;
    case 'COMMAND_NOT_EXECUTABLE':
      return `${runtimeWords(message)}: OCI permission denied`;
    case 'ENOSPC':
    case 'EDQUOT':
      return message.includes('make room') ? message : `${message}; make room, and try again`;
    default:
      return message;
  }
}

/** podman's sentence for an image that a container holds. */
export function imageInUse(containerId: string): string {
  return `image used by ${containerId}: image is in use by a container: consider listing external containers and force-removing image`;
}

/** What the runtime said, without what Lading says around it. */
function runtimeWords(message: string): string {
  return message.replace(/^runtime \w+ of container [\da-f]{64} failed: (\w+) /, '$1: $1 ');
}

function noContainer(_all: string, name: string): string {
  return `no container with name or ID ${name} found: no such container`;
}
