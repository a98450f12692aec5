//! The part of USB that `usbd-ctaphid` needs: two endpoints that carry reports of 64 bytes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use usb_device::bus::{PollResult, UsbBus};
use usb_device::endpoint::{EndpointAddress, EndpointType};
use usb_device::{Result, UsbDirection, UsbError};

type Report = [u8; 64];

/// The endpoint of each direction.
pub fn endpoint(direction: UsbDirection) -> EndpointAddress {
    EndpointAddress::from_parts(1, direction)
}

/// What the host has of the bus.
#[derive(Default, Clone)]
pub struct Reports(Arc<Mutex<Queues>>);

#[derive(Default)]
struct Queues {
    received: VecDeque<Report>,
    sent: VecDeque<Report>,
}

impl Reports {
    pub fn receive(&self, report: Report) {
        self.queues().received.push_back(report);
    }

    pub fn sent(&self) -> Option<Report> {
        self.queues().sent.pop_front()
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The device's side.
pub struct Bus(Reports);

pub fn bus() -> (Bus, Reports) {
    let reports = Reports::default();
    (Bus(reports.clone()), reports)
}

impl UsbBus for Bus {
    fn alloc_ep(
        &mut self,
        direction: UsbDirection,
        address: Option<EndpointAddress>,
        _: EndpointType,
        _: u16,
        _: u8,
    ) -> Result<EndpointAddress> {
        Ok(address.unwrap_or_else(|| endpoint(direction)))
    }

    fn write(&self, _: EndpointAddress, bytes: &[u8]) -> Result<usize> {
        let report = bytes.try_into().map_err(|_| UsbError::BufferOverflow)?;
        self.0.queues().sent.push_back(report);
        Ok(bytes.len())
    }

    fn read(&self, _: EndpointAddress, buffer: &mut [u8]) -> Result<usize> {
        let report = self.0.queues().received.pop_front().ok_or(UsbError::WouldBlock)?;
        buffer.get_mut(..report.len()).ok_or(UsbError::BufferOverflow)?.copy_from_slice(&report);
        Ok(report.len())
    }

    // Nobody enumerates the device.

    fn enable(&mut self) {}

    fn reset(&self) {}

    fn set_device_address(&self, _: u8) {}

    fn set_stalled(&self, _: EndpointAddress, _: bool) {}

    fn is_stalled(&self, _: EndpointAddress) -> bool {
        false
    }

    fn suspend(&self) {}

    fn resume(&self) {}

    fn poll(&self) -> PollResult {
        PollResult::None
    }
}
