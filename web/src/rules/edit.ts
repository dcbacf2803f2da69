// SPDX-License-Identifier: Apache-2.0
// The modeler of dmn-js: apart from the viewer, since few edit.
import Modeler from 'dmn-js/lib/Modeler'
import { views } from './load'

export function modelerNew(container: HTMLElement): DmnManager {
  return new Modeler({ container, keyboard: { bindTo: container }, ...views })
}
