// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { containerListRows, listedContainers } from './rows/container-lists.ts';

compareRows('lists of containers', containerListRows, { before: listedContainers });
