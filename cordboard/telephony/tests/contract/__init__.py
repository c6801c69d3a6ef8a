"""What every driver must do, as tests. `CORDBOARD_CONTRACT_DRIVERS` names the houses in which they run, as `module:function` separated by commas; see `houses.py`."""
