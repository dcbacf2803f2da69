// SPDX-License-Identifier: Apache-2.0
// The part of dmn-js that is used here; the package brings no types.
interface DmnView { type: string; element: { id: string } }
interface DmnActive {
  get(name: 'canvas'): { zoom(level: 'fit-viewport' | number, centre?: 'auto'): number; addMarker(id: string, name: string): void; removeMarker(id: string, name: string): void; getContainer(): HTMLElement; viewbox(): { scale: number }; getRootElement(): unknown }
  get(name: 'overlays'): { add(id: string, overlay: { position: Record<string, number>; html: HTMLElement; scale?: { min?: number; max?: number } }): string; clear(): void }
  get(name: 'eventBus'): { on(event: string, run: (event: { element?: { id: string } }) => void): void }
}
interface DmnManager {
  importXML(xml: string, options?: { open?: boolean }): Promise<{ warnings: unknown[] }>
  saveXML(options?: { format?: boolean }): Promise<{ xml: string }>
  open(view: DmnView): Promise<{ warnings: unknown[] }>
  getViews(): DmnView[]
  getActiveViewer(): DmnActive | undefined
  on(event: string, run: (event: unknown) => void): void
  destroy(): void
}
declare module 'dmn-js/lib/NavigatedViewer' {
  const Viewer: new (options: Record<string, unknown>) => DmnManager
  export default Viewer
}
declare module 'dmn-js/lib/Modeler' {
  const Modeler: new (options: Record<string, unknown>) => DmnManager
  export default Modeler
}
