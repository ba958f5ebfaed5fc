import { type ReactElement, type ReactNode, useId, useRef, useState } from 'react';

const MARGIN_PX = 6;

/**
 * A button that opens details beside itself, over everything: the browser closes it on Escape and on a press elsewhere.
 * What is inside is built only while it is open, and may grow without moving what is around it.
 */
export function Popover(props: {
  /** Of the button; the details get `-details` behind it. */
  testId: string;
  className: string;
  /** For screen readers: what the details are. */
  label: string;
  title: string;
  /** `data-` attributes of the button. */
  data?: Record<`data-${string}`, string | number | boolean>;
  button: ReactNode;
  children: (close: () => void) => ReactNode;
}): ReactElement {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  const place = () => {
    const from = button.current?.getBoundingClientRect();
    const element = panel.current;
    if (!from || !element) return;
    const { style } = element;
    const above = from.top > window.innerHeight / 2;
    style.top = above ? 'auto' : `${from.bottom + MARGIN_PX}px`;
    style.bottom = above ? `${window.innerHeight - from.top + MARGIN_PX}px` : 'auto';
    const width = element.offsetWidth;
    style.left = `${Math.max(MARGIN_PX, Math.min(from.left, window.innerWidth - width - MARGIN_PX))}px`;
  };

  const close = () => {
    const { activeElement } = document;
    // Until the next frame a hidden field would take keys that are shortcuts again.
    if (activeElement instanceof HTMLElement && panel.current?.contains(activeElement)) activeElement.blur();
    panel.current?.hidePopover();
  };

  return (
    <>
      <button
        ref={button}
        type="button"
        className={props.className}
        data-testid={props.testId}
        aria-label={props.label}
        aria-expanded={open}
        title={props.title}
        popoverTarget={id}
        {...props.data}
      >
        {props.button}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        className="popover"
        role="dialog"
        aria-label={props.label}
        data-testid={`${props.testId}-details`}
        onToggle={(event) => {
          const opened = event.newState === 'open';
          setOpen(opened);
          if (opened) place();
        }}
      >
        {open && props.children(close)}
      </div>
    </>
  );
}
