//! placeholder
use clap::Args;
/// x
#[derive(Args, Debug)]
pub struct Options {
    #[arg(long)]
    calls: Option<u64>,
}
/// x
/// # Errors
/// x
pub fn run(_options: &Options) -> anyhow::Result<()> {
    Ok(())
}
