//! Shows every byte, and to what it belongs.

use std::ops::Range;

use clap::builder::styling::{AnsiColor, Style};

use super::terminal::{Canvas, DIM, NAME};
use stuntkey_inspect::text::slice;
use stuntkey_inspect::tree::Node;

const PER_LINE: usize = 16;
const COLOURS: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Green,
    AnsiColor::Yellow,
    AnsiColor::Magenta,
    AnsiColor::Blue,
    AnsiColor::Red,
];

/// Adjacent bytes that belong to one node.
struct Segment {
    range: Range<usize>,
    label: String,
}

/// Shows the bytes of every node that holds a buffer of its own.
pub(crate) fn draw(tree: &Node, canvas: Canvas) -> String {
    let mut out = String::new();
    buffers(tree, canvas, &mut out);
    out
}

fn buffers(node: &Node, canvas: Canvas, out: &mut String) {
    if let Some(bytes) = &node.bytes {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&canvas.paint(NAME, &format!("bytes of {}", node.name)));
        out.push('\n');
        let mut segments = Vec::new();
        cover(node, 0..bytes.len(), &mut segments);
        let digits = format!("{:x}", bytes.len()).len().max(4);
        for (index, segment) in segments.iter().enumerate() {
            let colour = COLOURS.get(index % COLOURS.len()).copied().unwrap_or(AnsiColor::Cyan);
            lines(segment, bytes, digits, colour.on_default(), canvas, out);
        }
    }
    node.children.iter().for_each(|child| buffers(child, canvas, out));
}

/// Covers `range` with segments: those of the children, and the node's own bytes between them.
fn cover(node: &Node, range: Range<usize>, segments: &mut Vec<Segment>) {
    let mut children: Vec<&Node> = node.children.iter().filter(|child| child.bytes.is_none()).collect();
    children.sort_by_key(|child| child.range.as_ref().map_or(0, |range| range.start));
    let mut at = range.start;
    let gap = |from: usize, to: usize, label: &str, segments: &mut Vec<Segment>| {
        if from < to {
            segments.push(Segment { range: from..to, label: label.to_owned() });
        }
    };
    for child in children {
        let Some(place) = &child.range else { continue };
        if place.start < at || place.end > range.end || place.is_empty() {
            continue;
        }
        if let Some(key) = child.key.clone().filter(|key| key.start >= at && key.end <= place.start) {
            gap(at, key.start, &node.name, segments);
            gap(key.start, key.end, &format!("key of {}", child.name), segments);
            at = key.end;
        }
        gap(at, place.start, &node.name, segments);
        cover(child, place.clone(), segments);
        at = place.end;
    }
    gap(at, range.end, &node.name, segments);
}

fn lines(segment: &Segment, bytes: &[u8], digits: usize, style: Style, canvas: Canvas, out: &mut String) {
    let text_column = canvas.width >= digits + 2 + PER_LINE * 4 + 2 + 12;
    let used = digits + 2 + PER_LINE * 3 + 1 + if text_column { PER_LINE + 2 } else { 0 };
    let per_line = if canvas.width < used + 8 { PER_LINE / 2 } else { PER_LINE };
    let used = used - (PER_LINE - per_line) * 3;
    let room = canvas.width.saturating_sub(used);
    let content = slice(bytes, segment.range.clone());
    for (row, chunk) in content.chunks(per_line).enumerate() {
        let offset = segment.range.start + row * per_line;
        let hex: String = chunk.iter().map(|byte| format!("{byte:02x} ")).collect();
        out.push_str(&canvas.paint(DIM, &format!("{offset:0digits$x}  ")));
        let mut line = canvas.paint(style, &format!("{hex:width$}", width = per_line * 3));
        if text_column {
            let text: String = chunk
                .iter()
                .map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '·' })
                .collect();
            line.push_str(&canvas.paint(DIM, &format!(" {text:PER_LINE$} ")));
        }
        if row == 0 {
            let label: String = segment.label.chars().take(room).collect();
            line.push(' ');
            line.push_str(&canvas.paint(style, &label));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_shown_once_and_in_order() {
        let inner = Node { key: Some(1..2), ..Node::new("inner").at(2..20) };
        let tree = Node::new("map")
            .at(0..22)
            .with(inner)
            .with(Node::new("lost"))
            .within(&(0..22).collect::<Vec<u8>>());
        let drawn = draw(&tree, Canvas { width: 80, color: false });
        let expected = "bytes of map\n\
            0000  00                                               map\n\
            0001  01                                               key of inner\n\
            0002  02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11  inner\n\
            0012  12 13\n\
            0014  14 15                                            map\n";
        assert_eq!(drawn, expected);
    }
}
