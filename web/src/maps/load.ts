// SPDX-License-Identifier: Apache-2.0
// bpmn-js with its styles, loaded when a diagram is first shown: it is no part of the first load.
import 'bpmn-js/dist/assets/diagram-js.css'
import 'bpmn-js/dist/assets/bpmn-js.css'
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer'

export interface MapCanvas {
  zoom(level?: 'fit-viewport' | number, centre?: 'auto'): number
  viewbox(box: { x: number; y: number; width: number; height: number }): unknown
  addMarker(id: string, name: string): void
  removeMarker(id: string, name: string): void
}
export interface MapOverlays { add(id: string, overlay: { position: Record<string, number>; html: HTMLElement; scale?: { min?: number; max?: number } }): string; clear(): void }
export interface MapRegistry { get(id: string): { x?: number; y?: number; width?: number; height?: number } | undefined }
export interface MapBus { on(event: string, run: (event: { element?: { id: string } }) => void): void }
export interface MapViewer {
  importXML(xml: string): Promise<unknown>
  get(name: 'canvas'): MapCanvas
  get(name: 'overlays'): MapOverlays
  get(name: 'elementRegistry'): MapRegistry
  get(name: 'eventBus'): MapBus
  destroy(): void
}

export function viewerNew(container: HTMLElement): MapViewer {
  const fonts = { fontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif' }
  return new NavigatedViewer({ container, textRenderer: { defaultStyle: { fontSize: 13, ...fonts }, externalStyle: { fontSize: 12, ...fonts } } }) as unknown as MapViewer
}
