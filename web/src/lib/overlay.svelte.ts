// Which of the two dialogs is open: help or the palette. Never both.
type OverlayName = 'help' | 'palette';

class Overlay {
  open: OverlayName | null = $state(null);

  show(name: OverlayName): void {
    this.open = name;
  }

  toggle(name: OverlayName): void {
    this.open = this.open === name ? null : name;
  }

  close(): void {
    this.open = null;
  }

  /** A dialog says that it closed, which a browser does a moment later: another one may be open by then. */
  closed(name: OverlayName): void {
    if (this.open === name) this.open = null;
  }
}

export const overlay = new Overlay();
